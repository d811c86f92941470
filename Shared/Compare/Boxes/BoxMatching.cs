using CnnOnnx.Detection;
using OpenCvSharp;

namespace CnnOnnx.Compare;

/// <summary>
/// Gives boxes of one detector partners among those of another: as many of the same class as can be, then the largest sum of overlaps.
/// </summary>
internal static class BoxMatching
{
    /// <summary>Smallest intersection over union of partners: where evaluations begin to call a box found.</summary>
    public const double LeastOverlap = 0.5;

    /// <summary>Matches the boxes of one picture.</summary>
    /// <param name="a">Boxes of the first detector.</param>
    /// <param name="b">Boxes of the second detector.</param>
    public static (IReadOnlyList<BoxPair> Pairs, IReadOnlyList<DetectedBox> Lost, IReadOnlyList<DetectedBox> New) Of(
        IReadOnlyList<DetectedBox> a, IReadOnlyList<DetectedBox> b)
    {
        // A square, because an assignment is one; what is left over gets partners of value 0, which count for none.
        int side = Math.Max(a.Count, b.Count);
        double[,] values = new double[side, side];
        for (int i = 0; i < a.Count; i++)
            for (int j = 0; j < b.Count; j++)
                if (Overlap(a[i].Box, b[j].Box) is var overlap && overlap >= LeastOverlap)
                    values[i, j] = overlap + (a[i].Class == b[j].Class ? 1 : 0);
        int[] partners = side == 0 ? [] : Assignment.Largest(values);
        BoxPair[] pairs = [.. Enumerable.Range(0, a.Count).Where(i => values[i, partners[i]] > 0)
            .Select(i => new BoxPair(a[i], b[partners[i]], Overlap(a[i].Box, b[partners[i]].Box)))];
        HashSet<DetectedBox> left = new(pairs.Select(p => p.A), ReferenceEqualityComparer.Instance);
        HashSet<DetectedBox> right = new(pairs.Select(p => p.B), ReferenceEqualityComparer.Instance);
        return (pairs, [.. a.Where(box => !left.Contains(box))], [.. b.Where(box => !right.Contains(box))]);
    }

    private static double Overlap(Rect2d a, Rect2d b)
    {
        double width = Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left);
        double height = Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top);
        return width <= 0 || height <= 0 ? 0 : width * height / (a.Width * a.Height + b.Width * b.Height - width * height);
    }
}
