using System.Globalization;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Says in words what is wrong with a map that nobody can read, and what to do next.</summary>
public static class MapDiagnosis
{
    // A map that varies by less than this share of its size is the same everywhere to the eye.
    private const double FlatSpread = 0.02;

    // Share of the negative numbers from which a map that shows positive ones alone hides nearly all there is.
    private const double InvertedShare = 0.9;

    // Probability from which softmax or sigmoid lets no gradient through that float32 could hold beside others.
    private const double SaturatedProbability = 0.9999;

    // Share of all in one cell of the edge: what padding makes of it.
    private const double EdgeShare = 0.5;

    private static readonly string[] ScoreOperators = ["Softmax", "Sigmoid", "LogSoftmax"];

    /// <summary>Looks at a map.</summary>
    /// <param name="map">The map, raw and signed.</param>
    /// <param name="targetOperator">Type of the node that makes the target's tensor, such as Gemm; null where it is not known.</param>
    /// <param name="targetValue">Value of the target in the run; null where it is not known.</param>
    /// <returns>What was found, the worst first; empty for a map with which nothing is wrong.</returns>
    public static IReadOnlyList<MapFinding> Of(AttributionMap map, string? targetOperator = null, double? targetValue = null)
    {
        int broken = map.Values.Count(value => !float.IsFinite(value));
        if (broken > 0)
            return [new MapFinding(MapFault.NotANumber, string.Create(CultureInfo.InvariantCulture,
                $"{broken} of {map.Values.Length} values are NaN or infinite: numbers of the backward pass have overflowed, or the network "
                + $"makes NaN itself on this input"), "run trainer parity on the same picture, which names the first tensor with NaN")];
        var plane = MapPlane.Of(map);
        bool isSure = targetOperator is not null && ScoreOperators.Contains(targetOperator)
            && targetValue is { } value && (value > SaturatedProbability || value < 1 - SaturatedProbability);
        List<MapFinding> found = [];
        if (isSure)
            found.Add(new MapFinding(MapFault.Saturated, string.Create(CultureInfo.InvariantCulture,
                $"the target is a probability of {targetValue:0.######}, behind {targetOperator}: there the gradient is close to 0 "
                + $"whatever the picture"), "take the score before it, which 'top', an index or a label do by themselves"));
        if (plane.Min == 0 && plane.Max == 0)
            found.Add(new MapFinding(MapFault.Blank,
                $"all {map.Values.Length} values are 0: no change at '{map.Layer}' changes the target, to first order"
                    + "; all its units may be off",
                "take an earlier layer (a map of every layer shows where it ends), or a method without gradients, such as occlusion"));
        else if (Spread(plane) < FlatSpread)
            found.Add(new MapFinding(MapFault.Flat, string.Create(CultureInfo.InvariantCulture,
                $"the values lie between {plane.Min:G3} and {plane.Max:G3}: every place counts alike, as behind a pool over the whole map"),
                plane.Height * plane.Width == 1 ? "take a layer with places, such as the last with maps" : "take an earlier layer"));
        if (map.ShownPositive && plane.Max <= 0 && plane.Min < 0)
            found.Add(new MapFinding(MapFault.Inverted, string.Create(CultureInfo.InvariantCulture,
                $"all values are negative (down to {plane.Min:G3}): the picture of positive ones is blank, and every place speaks against "
                + $"the target"), "show both signs, or explain the class that wins"));
        else if (map.ShownPositive && plane.NegativeShare > InvertedShare)
            found.Add(new MapFinding(MapFault.Inverted, string.Create(CultureInfo.InvariantCulture,
                $"{plane.NegativeShare:0 %} of the map is negative, which its picture does not show: nearly all speaks against the target"),
                "show both signs, or explain the class that wins"));
        if (EdgeCell(plane) is var (row, column) && plane.Height > 2 && plane.Width > 2)
            found.Add(new MapFinding(MapFault.Edge, string.Create(CultureInfo.InvariantCulture,
                $"more than half of it is in one cell at the edge (row {row}, column {column}): padding rather than picture"),
                "compare with an earlier layer, or with occlusion"));
        return found;
    }

    private static double Spread(MapPlane plane) => (plane.Max - plane.Min) / Math.Max(Math.Abs(plane.Max), Math.Abs(plane.Min));

    private static (int Row, int Column)? EdgeCell(MapPlane plane)
    {
        double all = plane.Values.Sum(value => (double)Math.Abs(value));
        int most = 0;
        for (int i = 1; i < plane.Values.Length; i++)
            if (Math.Abs(plane.Values[i]) > Math.Abs(plane.Values[most]))
                most = i;
        (int row, int column) = (most / plane.Width, most % plane.Width);
        bool isEdge = row == 0 || column == 0 || row == plane.Height - 1 || column == plane.Width - 1;
        return isEdge && Math.Abs(plane.Values[most]) > EdgeShare * all ? (row, column) : null;
    }
}

/// <summary>One thing that is wrong with a map.</summary>
/// <param name="Fault">Kind of fault.</param>
/// <param name="Words">Observation and its reason.</param>
/// <param name="Next">Next step.</param>
public sealed record MapFinding(MapFault Fault, string Words, string Next)
{
    /// <summary>One line: what was seen, and what to do.</summary>
    public override string ToString() => $"{Words}; next: {Next}";
}

/// <summary>Kinds of faults of a map.</summary>
public enum MapFault
{
    /// <summary>Values that are NaN or infinite.</summary>
    NotANumber,

    /// <summary>A target behind a softmax or sigmoid that is sure.</summary>
    Saturated,

    /// <summary>Nothing but zeros.</summary>
    Blank,

    /// <summary>The same everywhere.</summary>
    Flat,

    /// <summary>Nearly all of it is negative and so not shown.</summary>
    Inverted,

    /// <summary>Nearly all of it in one cell at the edge.</summary>
    Edge,
}
