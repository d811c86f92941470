using System.Globalization;
using CnnOnnx.Torch.Detection;

namespace CnnOnnx.Torch.Training;

/// <summary>The options that only a detector's training has.</summary>
public sealed record BoxOptions
{
    /// <summary>Anchors that are found in the data.</summary>
    internal const string Auto = "auto";

    /// <summary>YOLOv3's own anchors.</summary>
    internal const string Paper = "paper";

    // Of COCO, in pixels.
    private static readonly BoxSize[] PaperAnchors =
        [new(10, 13), new(16, 30), new(33, 23), new(30, 61), new(62, 45), new(59, 119), new(116, 90), new(156, 198), new(373, 326)];

    /// <summary>Loss of a box: paper, cross-entropy of its place and squares of its size; or ciou, by its complete IoU.</summary>
    public string Loss { get; init; } = YoloLoss.Paper;

    /// <summary>
    /// Anchors: auto, found in the data by k-means on IoU; paper, YOLOv3's own; or pairs of width and height in pixels of the input, from
    /// the smallest up, as "10,13 16,30 33,23 …". A training that has begun has its pairs.
    /// </summary>
    public string Anchors { get; init; } = Auto;

    /// <summary>Overlap 0..1 with a box above which a guess that is not that box's own is not told that nothing is there.</summary>
    public double IgnoreOverlap { get; init; } = 0.7;

    /// <summary>Factor up to which pictures are smaller or larger than the input by turns while learning; 1 for one size.</summary>
    public double MultiScale { get; init; } = 1;

    /// <summary>The anchors by width and height; null where they are to be found in the data.</summary>
    /// <exception cref="BadInputException">No such list, or sides that are not above 0.</exception>
    internal IReadOnlyList<BoxSize>? Sizes() => Anchors switch
    {
        Auto => null,
        Paper => PaperAnchors,
        _ => Parse(Anchors),
    };

    /// <summary>A list of anchors as text.</summary>
    internal static string TextOf(IEnumerable<BoxSize> anchors) =>
        string.Join(' ', anchors.Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Width:0.##},{a.Height:0.##}")));

    /// <exception cref="BadInputException">A number out of its range, or a name that is not known.</exception>
    internal void Check()
    {
        if (!YoloLoss.BoxLosses.Contains(Loss))
            throw new BadInputException($"the loss of boxes is '{Loss}', expected one of {string.Join(", ", YoloLoss.BoxLosses)}");
        if (!(IgnoreOverlap is > 0 and <= 1) || !(MultiScale is >= 1 and <= 2))
            throw new BadInputException($"the overlap to ignore and the factor of scales are {IgnoreOverlap} and {MultiScale}; expected "
                + "above 0 and at most 1, and from 1 to 2");
        _ = Sizes();
    }

    private static BoxSize[] Parse(string list)
    {
        string[][] pairs = [.. list.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split(','))];
        double[][] numbers = [.. pairs.Select(pair => pair.Select(text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN).ToArray())];
        return numbers.Length > 0 && numbers.All(pair => pair is [> 0 and < 1e5, > 0 and < 1e5])
            ? [.. numbers.Select(pair => new BoxSize(pair[0], pair[1]))]
            : throw new BadInputException($"the anchors are '{list}', expected {Auto}, {Paper}, or pairs of width and height such as "
                + $"\"{TextOf(PaperAnchors)}\"");
    }
}
