using CnnOnnx.Detection;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Detection;

/// <summary>A detector of two heads with two anchors each for inputs of 64x32, and numbers for it.</summary>
internal static class TwoHeads
{
    public const int Classes = 3;

    public static OpenCvSharp.Size Input { get; } = new(64, 32);

    public static AnchoredHead[] Heads { get; } =
    [
        new("coarse", 16, [(24, 20), (40, 24)], 1.2, false),
        new("fine", 8, [(6, 8), (12, 10)], 1, false),
    ];

    /// <summary>Boxes as rows: two in one slot (the later counts), one on an edge, one with nothing inside, one at the border.</summary>
    public static float[] Boxes { get; } =
    [
        0, 1, 20, 10, 11, 9,
        0, 2, 21, 11, 12, 10,
        0, 0, 50, 16, 38, 22,
        1, 0, 32, 24, 7, 8,
        1, 2, 5, 5, 0, 4,
        1, 1, 64, 32, 26, 18,
    ];

    /// <summary>The heads' numbers for two pictures, from a seed; the caller's scope disposes them.</summary>
    public static Tensor[] Outputs(int seed, ScalarType type)
    {
        var random = new Random(seed);
        return [.. Heads.Select(head =>
        {
            int channels = head.Anchors.Length * (5 + Classes), rows = Input.Height / head.Stride, columns = Input.Width / head.Stride;
            double[] numbers = [.. Enumerable.Range(0, 2 * channels * rows * columns).Select(_ => (2 * random.NextDouble()) - 1)];
            return tensor(numbers).view(2, channels, rows, columns).to(type);
        })];
    }
}
