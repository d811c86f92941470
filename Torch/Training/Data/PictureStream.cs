using CnnOnnx.Imaging;
using OpenCvSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Labelled pictures that are decoded anew in every epoch, by threads that work ahead of the training: for sets that are too
/// large to be kept, and for pictures that are changed each time. A few batches are in memory, whatever the set's size. What cannot be
/// read is left out of its batch and named, until there is too much of it.
/// <code>
/// order of the epoch ─▶ workers: decode, augment, resize ─▶ ring of a few batches ─▶ Next: a tensor on the device
/// </code>
/// </summary>
/// <param name="paths">The files, one for each label.</param>
internal sealed class PictureStream(InputSpec spec, string[] classes, int[] labels, string[] paths) : BatchSource(spec, classes, labels)
{
    private readonly UnreadablePictures _unreadable = new(labels.Length);
    private byte[]? _one;

    /// <summary>Threads that decode.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 8);

    /// <summary>Batches in memory at once: the one that is waited for and those ahead of it.</summary>
    public int Ahead { get; init; } = 4;

    /// <summary>
    /// Changes a decoded picture in place, in size too, before it is resized; the random numbers are the picture's own in its
    /// epoch. Called by several threads, and only while learning. Null to leave pictures as they are.
    /// </summary>
    public Action<Mat, Random>? Augment { get; init; }

    public override IReadOnlyList<string> Unreadable => _unreadable.Lines;

    /// <inheritdoc/>
    /// <returns>Black for a picture that cannot be read.</returns>
    public override ReadOnlySpan<byte> Bytes(int index)
    {
        _one ??= new byte[PictureBytes];
        using var resizer = new PictureResizer(Spec);
        if (!TryDecode(index, null, resizer, _one, []))
            _one.AsSpan().Clear();
        return _one;
    }

    public override BatchReader Open(BatchOrder order, int first, Device device, CancellationToken cancel) =>
        new Reader(this, order, first, device, cancel);

    public override void Dispose()
    {
    }

    private int PictureBytes => Spec.ChannelCount * Spec.Height * Spec.Width;

    /// <returns>False for a picture that cannot be read; it is counted.</returns>
    /// <exception cref="BadInputException">There are too many of these.</exception>
    private bool TryDecode(int index, Random? random, PictureResizer resizer, Span<byte> bytes, byte[] scratch)
    {
        try
        {
            using Mat picture = PictureFile.Read(paths[index]);
            if (random is not null)
                Augment?.Invoke(picture, random);
            resizer.Resize(picture, bytes);
            if (random is not null)
                Augmentation.Apply(bytes, Spec, random, scratch);
            return true;
        }
        catch (BadInputException fault)
        {
            _unreadable.Add(index, fault);
            return false;
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"{paths[index]}: {fault.Message}", fault);
        }
    }

    private sealed class Reader : AheadReader<byte[], Tools>
    {
        private readonly PictureStream _stream;
        private readonly Device _device;

        public Reader(PictureStream stream, BatchOrder order, int first, Device device, CancellationToken cancel)
            : base(order, first, stream.Workers, stream.Ahead, cancel)
        {
            (_stream, _device) = (stream, device);
            Start();
        }

        protected override byte[] NewRoom() => new byte[_stream.PictureBytes];

        protected override Tools NewTools() => new(new PictureResizer(_stream.Spec), new byte[_stream.PictureBytes]);

        protected override bool TryMake(int batch, int place, byte[] room, Tools tools) =>
            _stream.TryDecode(Order[batch][place], Order.IsAugmented ? Order.RandomOf(batch, place) : null, tools.Resizer, room,
                tools.Scratch);

        protected override Batch Join(int batch, int[] places, byte[][] rooms)
        {
            int[] indices = [.. Order[batch]];
            int size = _stream.PictureBytes;
            return PictureBatch.Of(places.Length, _stream.Spec, _device, (pixels, labels) =>
            {
                for (int i = 0; i < places.Length; i++)
                {
                    rooms[places[i]].CopyTo(pixels[(i * size)..]);
                    labels[i] = _stream.Labels[indices[places[i]]];
                }
            }) with
            { Places = places.Length == indices.Length ? null : places };
        }
    }

    private sealed record Tools(PictureResizer Resizer, byte[] Scratch) : IDisposable
    {
        public void Dispose() => Resizer.Dispose();
    }
}
