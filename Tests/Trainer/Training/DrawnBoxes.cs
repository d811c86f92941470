using CnnOnnx.Imaging;
using CnnOnnx.Torch.Detection;
using CnnOnnx.Torch.Training;
using OpenCvSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>
/// Rectangles, ellipses and triangles of any colour on noise, drawn when they are read: pictures that are squares of the input's size,
/// by several threads, mirrored while learning, in several sizes by turns.
/// </summary>
/// <param name="spec">Size of the input.</param>
/// <param name="count">Number of pictures.</param>
/// <param name="seed">Seed of the pictures.</param>
internal sealed class DrawnBoxes(InputSpec spec, int count, int seed) : BatchSource(spec, [.. Names], new int[count])
{
    public static IReadOnlyList<string> Names { get; } = ["rectangle", "ellipse", "triangle"];

    private const int MostThings = 3;

    private readonly Thing[][] _pictures = [.. Enumerable.Range(0, count).Select(i => Things(new Random((seed * 100_003) + i)))];

    /// <summary>Sides of the pictures to learn from, by turns; empty for the input's.</summary>
    public IReadOnlyList<int> Scales { get; set; } = [];

    public int Workers { get; init; } = 1;

    /// <summary>Sizes of all boxes in pixels of the input.</summary>
    public BoxSize[] Sizes =>
        [.. _pictures.SelectMany(p => p).Select(t => new BoxSize(t.W * Spec.Width, t.H * Spec.Height))];

    /// <summary>Pictures to learn from and others to validate with; the caller disposes them.</summary>
    public static TrainingData Data(int side, int train, int validation, IReadOnlyList<int>? scales = null, int workers = 1)
    {
        var spec = new InputSpec { Size = new(side, side), Resize = ResizeMode.Letterbox };
        return new TrainingData(new DataReport("drawn", train, validation, "val", 0, [.. Names]),
            new DrawnBoxes(spec, train, 1) { Scales = scales ?? [], Workers = workers }, new DrawnBoxes(spec, validation, 2), null);
    }

    /// <summary>Writes pictures to learn from, to validate and to test with as a set in YOLO's format.</summary>
    public static void Write(string folder, int side, int train, int others)
    {
        var spec = new InputSpec { Size = new(side, side) };
        foreach ((string part, int count, int seed) in new[] { ("train", train, 1), ("val", others, 2), ("test", others, 3) })
        {
            string pictures = Path.Combine(folder, "images", part), labels = Path.Combine(folder, "labels", part);
            Directory.CreateDirectory(pictures);
            Directory.CreateDirectory(labels);
            using var drawn = new DrawnBoxes(spec, count, seed);
            for (int i = 0; i < count; i++)
            {
                using Mat picture = drawn.Drawn(i, side, false);
                Cv2.ImWrite(Path.Combine(pictures, $"{i:000}.png"), picture);
                File.WriteAllLines(Path.Combine(labels, $"{i:000}.txt"), drawn._pictures[i].Select(t =>
                    FormattableString.Invariant($"{t.Class} {t.X:0.######} {t.Y:0.######} {t.W:0.######} {t.H:0.######}")));
            }
        }

        File.WriteAllLines(Path.Combine(folder, "classes.txt"), Names);
    }

    public override ReadOnlySpan<byte> Bytes(int index) => Planes(Drawn(index, Spec.Width, false));

    public override BatchReader Open(BatchOrder order, int first, Device device, CancellationToken cancel) =>
        new Reader(this, order, first, device);

    public override void Dispose()
    {
    }

    // Nothing lies on anything else: what cannot be seen cannot be found.
    private static Thing[] Things(Random random)
    {
        var things = new List<Thing>();
        for (int left = random.Next(1, MostThings + 1); left > 0; left--)
        {
            double w = 0.15 + (0.3 * random.NextDouble()), h = w * (0.7 + (0.6 * random.NextDouble()));
            var thing = new Thing(random.Next(Names.Count), (w / 2) + ((1 - w) * random.NextDouble()),
                (h / 2) + ((1 - h) * random.NextDouble()), w, h, random.Next());
            if (things.All(t => Math.Abs(t.X - thing.X) > (t.W + w) / 2 || Math.Abs(t.Y - thing.Y) > (t.H + h) / 2))
                things.Add(thing);
        }

        return [.. things];
    }

    private Mat Drawn(int index, int side, bool isMirrored)
    {
        var picture = new Mat(side, side, MatType.CV_8UC3);
        var noise = new Random(index);
        byte[] pixels = new byte[side * side * 3];
        noise.NextBytes(pixels);
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] /= 5;
        System.Runtime.InteropServices.Marshal.Copy(pixels, 0, picture.Data, pixels.Length);
        foreach (Thing thing in _pictures[index])
        {
            var colours = new Random(thing.Colour);
            var colour = new OpenCvSharp.Scalar(colours.Next(90, 256), colours.Next(90, 256), colours.Next(90, 256));
            double x = isMirrored ? 1 - thing.X : thing.X;
            var box = Rect.FromLTRB((int)((x - (thing.W / 2)) * side), (int)((thing.Y - (thing.H / 2)) * side),
                (int)((x + (thing.W / 2)) * side), (int)((thing.Y + (thing.H / 2)) * side));
            if (thing.Class == 0)
                Cv2.Rectangle(picture, box, colour, -1);
            else if (thing.Class == 1)
                Cv2.Ellipse(picture, new RotatedRect(new((box.Left + box.Right) / 2f, (box.Top + box.Bottom) / 2f),
                    new(box.Width, box.Height), 0), colour, -1);
            else
                Cv2.FillConvexPoly(picture,
                    [new(box.Left, box.Bottom), new(box.Right, box.Bottom), new(box.Left + (box.Width / 2), box.Top)], colour);
        }

        return picture;
    }

    private static byte[] Planes(Mat picture)
    {
        using (picture)
        {
            int area = picture.Rows * picture.Cols;
            byte[] planes = new byte[3 * area], pixels = new byte[3 * area];
            System.Runtime.InteropServices.Marshal.Copy(picture.Data, pixels, 0, pixels.Length);
            for (int i = 0; i < area; i++)
                for (int c = 0; c < 3; c++)
                    planes[(c * area) + i] = pixels[(3 * i) + 2 - c];
            return planes;
        }
    }

    private readonly record struct Thing(int Class, double X, double Y, double W, double H, int Colour);

    private sealed class Reader(DrawnBoxes source, BatchOrder order, int next, Device device) : BatchReader
    {
        private int _next = next;

        public override Batch Next()
        {
            int batch = _next++;
            int[] indices = [.. order[batch]];
            int side = order.IsAugmented && source.Scales.Count > 0 ? source.Scales[order.RandomOf(batch).Next(source.Scales.Count)]
                : source.Spec.Width;
            bool[] mirrored = [.. indices.Select((_, i) => order.IsAugmented && order.RandomOf(batch, i).Next(2) == 1)];
            byte[][] pictures = new byte[indices.Length][];
            Parallel.For(0, indices.Length, new ParallelOptions { MaxDegreeOfParallelism = source.Workers },
                i => pictures[i] = Planes(source.Drawn(indices[i], side, mirrored[i])));
            float[] rows = [.. indices.SelectMany((index, i) => source._pictures[index].SelectMany(t => new[]
            {
                i, t.Class, (float)((mirrored[i] ? 1 - t.X : t.X) * side), (float)(t.Y * side), (float)(t.W * side), (float)(t.H * side),
            }))];
            using DisposeScope scope = NewDisposeScope();
            Tensor bytes = tensor(pictures.SelectMany(p => p).ToArray(), [indices.Length, 3, side, side], ScalarType.Byte);
            Tensor inputs = bytes.to(device).to(ScalarType.Float32).div_(byte.MaxValue);
            Tensor targets = rows.Length == 0 ? zeros(0, 6) : tensor(rows, [rows.Length / 6, 6]);
            return new Batch(inputs.MoveToOuterDisposeScope(), targets.MoveToOuterDisposeScope());
        }

        public override void Dispose()
        {
        }
    }
}
