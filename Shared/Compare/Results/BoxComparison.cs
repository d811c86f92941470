using System.Globalization;
using CnnOnnx.Detection;

namespace CnnOnnx.Compare;

/// <summary>Boxes of two detectors over all pictures: each box of the first with its partner of the second.</summary>
public sealed record BoxComparison
{
    /// <summary>Number of boxes that the first detector found.</summary>
    public required int CountA { get; init; }

    /// <summary>Number of boxes that the second detector found.</summary>
    public required int CountB { get; init; }

    /// <summary>Number of boxes that have a partner: at least half of their union is common.</summary>
    public required int Matched { get; init; }

    /// <summary>Number of pairs whose classes differ.</summary>
    public required int ClassFlips { get; init; }

    /// <summary>Mean shift of the pairs, in pixels of the pictures; see <see cref="BoxPair.Shift"/>.</summary>
    public required double MeanShift { get; init; }

    /// <summary>Largest shift of a pair, in pixels.</summary>
    public required double LargestShift { get; init; }

    /// <summary>Mean overlap (intersection over union) of the pairs, 0 to 1; 1 where there are none.</summary>
    public required double MeanOverlap { get; init; }

    /// <summary>Smallest overlap of a pair, 0 to 1.</summary>
    public required double SmallestOverlap { get; init; }

    /// <summary>Mean difference of the scores of a pair, without its sign.</summary>
    public required double MeanScoreChange { get; init; }

    /// <summary>Largest difference of the scores of a pair, without its sign.</summary>
    public required double LargestScoreChange { get; init; }

    /// <summary>Pictures on which boxes differ most, the worst first; the first with boxes where none differ.</summary>
    public required IReadOnlyList<BoxPicture> Pictures { get; init; }

    /// <summary>Boxes of the first detector without a partner.</summary>
    public int Lost => CountA - Matched;

    /// <summary>Boxes of the second detector without a partner.</summary>
    public int New => CountB - Matched;

    /// <summary>True when no box is lost, new or of another class.</summary>
    public bool AreSame => Lost == 0 && New == 0 && ClassFlips == 0;

    /// <summary>The finding in one sentence.</summary>
    public override string ToString()
    {
        if (CountA + CountB == 0)
            return "Neither detector finds a box.";
        if (Matched == 0)
            return $"No box is common: {CountA} lost, {CountB} new.";
        string shift = string.Create(CultureInfo.InvariantCulture,
            $"{Short(MeanShift)} pixels on average and {Short(LargestShift)} at most, scores by {LargestScoreChange:0.####} at most");
        if (AreSame)
            return $"Both detectors find the same {(CountA == 1 ? "box" : $"{CountA} boxes")}; edges shift by {shift}.";
        string[] changes = [.. new[] { (Lost, $"{Lost} of {CountA} boxes lost"), (New, $"{New} new"),
            (ClassFlips, $"{ClassFlips} of another class") }.Where(c => c.Item1 > 0).Select(c => c.Item2)];
        return $"{string.Join(", ", changes)}; edges of the {Matched} in both shift by {shift}.";
    }

    private static string Short(double pixels) =>
        pixels < 0.005 ? "less than 0.01" : pixels.ToString(pixels < 10 ? "0.##" : "0", CultureInfo.InvariantCulture);
}

/// <summary>Boxes of both detectors on one picture.</summary>
/// <param name="Name">Name of the picture; empty where it has none.</param>
/// <param name="Width">Width of the picture in pixels, as the boxes count them.</param>
/// <param name="Height">Height of the picture in pixels.</param>
/// <param name="Jpeg">The picture, shrunk to at most 640 pixels a side.</param>
/// <param name="Pairs">Boxes that both found.</param>
/// <param name="Lost">Boxes that only the first found.</param>
/// <param name="New">Boxes that only the second found.</param>
public sealed record BoxPicture(string Name, int Width, int Height, byte[] Jpeg,
    IReadOnlyList<BoxPair> Pairs, IReadOnlyList<DetectedBox> Lost, IReadOnlyList<DetectedBox> New);

/// <summary>A box that both detectors found.</summary>
/// <param name="A">The first detector's box.</param>
/// <param name="B">The second detector's box.</param>
/// <param name="Overlap">Intersection over union of the two, 0 to 1.</param>
public sealed record BoxPair(DetectedBox A, DetectedBox B, double Overlap)
{
    /// <summary>Distance in pixels of the edge that moved most.</summary>
    public double Shift => Math.Max(
        Math.Max(Math.Abs(A.Box.Left - B.Box.Left), Math.Abs(A.Box.Right - B.Box.Right)),
        Math.Max(Math.Abs(A.Box.Top - B.Box.Top), Math.Abs(A.Box.Bottom - B.Box.Bottom)));

    /// <summary>True when the two name different classes.</summary>
    public bool ChangesClass => A.Class != B.Class;
}
