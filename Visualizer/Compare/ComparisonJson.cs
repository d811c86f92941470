using CnnOnnx.Compare;

namespace CnnOnnx.Visualizer.Compare;

/// <summary>A comparison as compare.json has it.</summary>
internal static class ComparisonJson
{
    /// <summary>The object that is written; numbers that are not finite become null.</summary>
    public static object Of(ComparisonResult result) => new
    {
        result.ModelA,
        result.ModelB,
        Verdict = new
        {
            Kind = result.Verdict.Kind.ToString(),
            result.Verdict.Holds,
            result.Verdict.Headline,
            result.Verdict.Detail,
            First = result.Verdict.First is { } first ? new { first.A, first.B, first.Operator, first.Node } : null
        },
        result.Inputs,
        InputDifferences = result.Input.Differences,
        Pairs = result.Pairs.Select(Pair).ToArray(),
        Unpaired = result.Unpaired.Select(u => new { u.Name, Model = u.InA ? "A" : "B", u.Reason }).ToArray(),
        Predictions = result.Predictions is { } same
            ? new { same.Same, same.Count, same.Share, same.Interval.Low, same.Interval.High, same.Flips } : null,
        Representation = result.Representation is { } common ? new
        {
            common.LayersA,
            common.LayersB,
            common.Samples,
            Alignment = Rows(common.Alignment),
            Channels = common.Channels.Select(c => new { c.Pair.A, c.Pair.B, c.Mean, c.Partners, c.Correlations }).ToArray(),
        } : null,
        result.Optimizer,
        result.Notes,
    };

    private static double?[][] Rows(double[,] matrix) => [.. Enumerable.Range(0, matrix.GetLength(0))
        .Select(row => Enumerable.Range(0, matrix.GetLength(1)).Select(column => Finite(matrix[row, column])).ToArray())];

    private static object Pair(PairComparison pair) => new
    {
        pair.Pair.A,
        pair.Pair.B,
        pair.Pair.Operator,
        pair.Pair.Node,
        Evidence = pair.Pair.Evidence.ToString(),
        pair.Pair.Confidence,
        Shape = pair.Shape.Dims.ToArray(),
        Finding = pair.Finding.ToString(),
        Tolerance = pair.Tolerance.Relative,
        Cumulative = Metrics(pair.Cumulative),
        Local = pair.Local is { } local ? Metrics(local) : null,
        Effect = Finite(pair.Effect),
        WeightDistance = Finite(pair.Pair.WeightDistance),
        pair.Step,
    };

    private static object Metrics(PairMetrics m) => new
    {
        m.IsBitEqual,
        RelativeError = Finite(m.RelativeError),
        Largest = Finite(m.Largest),
        LargestRelative = Finite(m.LargestRelative),
        m.At,
        m.MeanAbsolute,
        m.Cosine,
        Snr = Finite(m.Snr),
        Psnr = Finite(m.Psnr),
        m.OutsideShare,
        m.NaNInA,
        m.NaNInB,
        m.InfiniteInA,
        m.InfiniteInB,
        m.BeyondHalfInB,
    };

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
