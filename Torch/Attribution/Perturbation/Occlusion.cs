using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Occlusion: how far the target falls when a square of the input is covered; each pixel gets the mean over the squares that cover it.
/// Zeiler and Fergus 2013, https://arxiv.org/abs/1311.2901. Squares at the right and lower border are cut off there.
/// </summary>
internal static class Occlusion
{
    public static AttributionMethod Method { get; } = new("occlusion", AttributionKind.Input, AttributionNeeds.Forward,
        "mean of y(x) − y(x with a square covered) over the squares on a pixel",
        "Zeiler and Fergus 2013, https://arxiv.org/abs/1311.2901");

    /// <summary>Squares of an input: their side, and the corners of each.</summary>
    public static (int Side, (long Row, long Column)[] Corners) Squares(long height, long width, ExplainerOptions options)
    {
        long shorter = Math.Min(height, width);
        int side = (int)Math.Clamp(options.OcclusionWindow ?? Math.Max(1, shorter / 8), 1, shorter);
        int stride = Math.Clamp(options.OcclusionStride ?? Math.Max(1, side / 2), 1, side);
        long Count(long length) => (length - side + stride - 1) / stride + 1;
        return (side, [.. Enumerable.Range(0, (int)Count(height)).SelectMany(row =>
            Enumerable.Range(0, (int)Count(width)).Select(column => ((long)row * stride, (long)column * stride)))]);
    }

    public static IEnumerable<AttributionMap> Run(Explanation explanation)
    {
        foreach (string input in explanation.Explained)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = explanation.InputPlanes(input).cpu();
            (long height, long width) = (x.shape[2], x.shape[3]);
            (int side, (long Row, long Column)[] corners) = Squares(height, width, explanation.Options);
            Tensor Part(Tensor planes, (long Row, long Column) corner) => planes.narrow(-2, corner.Row, Math.Min(side, height - corner.Row))
                .narrow(-1, corner.Column, Math.Min(side, width - corner.Column));
            Tensor Covered(long first, long count)
            {
                Tensor versions = x.expand([count, .. x.shape[1..]]).clone();
                for (long i = 0; i < count; i++)
                    Part(versions.select(0, i), corners[first + i]).fill_(explanation.Options.Baseline);
                return versions;
            }

            double[][] scores = BatchRuns.Scores(explanation, input, corners.Length, Covered);
            for (int t = 0; t < scores.Length; t++)
            {
                using DisposeScope one = NewDisposeScope();
                double whole = explanation.Value(explanation.Targets[t]);
                Tensor sum = zeros(height, width, ScalarType.Float64), covers = zeros(height, width, ScalarType.Float64);
                for (int i = 0; i < corners.Length; i++)
                {
                    Part(sum, corners[i]).add_(whole - scores[t][i]);
                    Part(covers, corners[i]).add_(1);
                }

                yield return explanation.Map(Method, input, explanation.Targets[t], sum / covers,
                    $"{corners.Length} squares of {side} pixels");
            }
        }
    }
}
