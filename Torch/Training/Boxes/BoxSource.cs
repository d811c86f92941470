using CnnOnnx.Imaging;
using OpenCvSharp;
using TorchSharp;
using static TorchSharp.torch;
using Size = OpenCvSharp.Size;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Pictures with boxes as batches: inputs [N, 3, S, S] and targets [M, 6], a row a box: place of the sample in the batch, class index,
/// centre x, centre y, width and height in pixels of the input. While learning, pictures and boxes are changed alike. Threads decode
/// ahead of the training; decoded pictures are kept as long as they take no more than a share of the memory.
/// </summary>
internal sealed class BoxSource : BatchSource
{
    private readonly BoxPicture[] _pictures;
    private readonly UnreadablePictures _unreadable;
    private readonly DecodedPictures _decoded;
    private byte[]? _one;

    /// <param name="spec">Size, channels and way of resizing of the network's input.</param>
    /// <param name="classes">Class names in the order of their indices.</param>
    /// <param name="pictures">Pictures with their boxes.</param>
    public BoxSource(InputSpec spec, string[] classes, BoxPicture[] pictures) : base(spec, classes, RarestOf(pictures, classes.Length))
    {
        (_pictures, _unreadable) = (pictures, new UnreadablePictures(pictures.Length));
        _decoded = new DecodedPictures(pictures.Length);
    }

    /// <summary>Threads that decode.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 8);

    /// <summary>Batches in memory at once.</summary>
    public int Ahead { get; init; } = 4;

    /// <summary>
    /// Sides of the input that a batch may have while learning; which one it has, seed, epoch and the batch's number say. Empty for the
    /// size of the specification, which what is measured always has.
    /// </summary>
    public IReadOnlyList<int> Scales { get; set; } = [];

    public override IReadOnlyList<string> Unreadable => _unreadable.Lines;

    protected override LabelKind LabelKind => LabelKind.Boxes;

    /// <summary>Boxes of a picture, in pixels of the picture.</summary>
    public IReadOnlyList<LabelledBox> BoxesOf(int index) => _pictures[index].Boxes;

    /// <summary>Width and height of a picture.</summary>
    public Size SizeOf(int index) => _pictures[index].Size;

    /// <summary>A picture's file, and all that its labels say.</summary>
    public BoxPicture PictureOf(int index) => _pictures[index];

    /// <inheritdoc/>
    /// <returns>Black for a picture that cannot be read.</returns>
    public override ReadOnlySpan<byte> Bytes(int index)
    {
        _one ??= new byte[Spec.ChannelCount * Spec.Height * Spec.Width];
        using var maker = new BoxSampleMaker(this);
        var room = new BoxSample(_one);
        if (!maker.TryMake(index, Spec.Size, null, room))
            _one.AsSpan().Clear();
        return _one;
    }

    /// <summary>A picture as it is learned from, C·H·W bytes, with its boxes in pixels of the input.</summary>
    /// <param name="index">The picture.</param>
    /// <param name="random">Random numbers of the changes; null for none.</param>
    /// <returns>Null for a picture that cannot be read.</returns>
    public BoxSample? Sample(int index, Random? random)
    {
        using var maker = new BoxSampleMaker(this);
        var room = new BoxSample(new byte[Spec.ChannelCount * Spec.Height * Spec.Width]);
        return maker.TryMake(index, Spec.Size, random, room) ? room : null;
    }

    public override BatchReader Open(BatchOrder order, int first, Device device, CancellationToken cancel) =>
        new Reader(this, order, first, device, cancel);

    public override void Dispose() => _decoded.Dispose();

    /// <summary>Uses a decoded picture.</summary>
    /// <returns>False for one that cannot be read; it is counted.</returns>
    /// <exception cref="BadInputException">There are too many of these.</exception>
    internal bool TryUse(int index, Action<Mat> use)
    {
        try
        {
            _decoded.Use(index, _pictures[index].Path, use);
            return true;
        }
        catch (BadInputException fault)
        {
            _unreadable.Add(index, fault);
            return false;
        }
    }

    private Size SizeOf(BatchOrder order, int batch)
    {
        if (!order.IsAugmented || Scales.Count == 0)
            return Spec.Size;
        int side = Scales[order.RandomOf(batch).Next(Scales.Count)];
        return new Size(side, side);
    }

    // A picture is drawn by the class that the fewest pictures have; those without boxes are a class of their own.
    private static int[] RarestOf(BoxPicture[] pictures, int classes)
    {
        int[] holders = new int[classes];
        foreach (BoxPicture picture in pictures)
            foreach (int c in picture.Boxes.Select(b => b.Class).Distinct())
                holders[c]++;
        return [.. pictures.Select(p => p.Boxes.Length == 0 ? classes : p.Boxes.MinBy(b => (holders[b.Class], b.Class)).Class)];
    }

    private sealed class Reader : AheadReader<BoxSample, BoxSampleMaker>
    {
        private readonly BoxSource _source;
        private readonly Device _device;

        public Reader(BoxSource source, BatchOrder order, int first, Device device, CancellationToken cancel)
            : base(order, first, source.Workers, source.Ahead, cancel)
        {
            (_source, _device) = (source, device);
            Start();
        }

        protected override BoxSample NewRoom()
        {
            int largest = Order.IsAugmented ? _source.Scales.DefaultIfEmpty(0).Max() : 0;
            return new BoxSample(new byte[_source.Spec.ChannelCount
                * Math.Max(largest * largest, _source.Spec.Height * _source.Spec.Width)]);
        }

        protected override BoxSampleMaker NewTools() => new(_source);

        protected override bool TryMake(int batch, int place, BoxSample room, BoxSampleMaker maker) =>
            maker.TryMake(Order[batch][place], _source.SizeOf(Order, batch), Order.IsAugmented ? Order.RandomOf(batch, place) : null, room);

        protected override Batch Join(int batch, int[] places, BoxSample[] rooms)
        {
            using DisposeScope scope = NewDisposeScope();
            InputSpec spec = _source.Spec with { Size = _source.SizeOf(Order, batch) };
            int bytes = spec.ChannelCount * spec.Height * spec.Width;
            Tensor inputs = PictureBatch.Inputs(places.Length, spec, _device, pixels =>
            {
                for (int i = 0; i < places.Length; i++)
                    rooms[places[i]].Pixels.AsSpan(0, bytes).CopyTo(pixels[(i * bytes)..]);
            });
            float[] rows = [.. places.SelectMany((place, i) => rooms[place].Boxes.SelectMany(b =>
                new[] { i, b.Class, b.X + (b.Width / 2), b.Y + (b.Height / 2), b.Width, b.Height }))];
            Tensor targets = rows.Length == 0 ? zeros([0, 6], ScalarType.Float32, _device) : tensor(rows, [rows.Length / 6, 6]).to(_device);
            return new Batch(inputs.MoveToOuterDisposeScope(), targets.MoveToOuterDisposeScope());
        }
    }
}
