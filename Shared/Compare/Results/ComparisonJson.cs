using CnnOnnx.Detection;

namespace CnnOnnx.Compare;

/// <summary>A comparison as compare.json has it.</summary>
internal static class ComparisonJson
{
    /// <summary>The object that is written; numbers that are not finite become null.</summary>
    public static object Of(ComparisonResult result) => new
    {
        result.ModelA,
        result.ModelB,
        EngineA = result.Engines.A,
        EngineB = result.Engines.B,
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
            ? new
            {
                same.Same,
                same.Count,
                same.Share,
                same.Interval.Low,
                same.Interval.High,
                Flips = same.Flips.Select(f => new { f.Input, f.Name, f.ClassA, f.ClassB, f.LabelA, f.LabelB }).ToArray()
            } : null,
        Boxes = result.Boxes is { } boxes ? Boxes(boxes) : null,
        Representation = result.Representation is { } common ? new
        {
            common.LayersA,
            common.LayersB,
            common.Samples,
            Alignment = Rows(common.Alignment),
            Channels = common.Channels.Select(c => new
            {
                c.Pair.A,
                c.Pair.B,
                c.Mean,
                c.Partners,
                c.Correlations,
                DeadA = c.Dead.A,
                DeadB = c.Dead.B,
                ZerosA = c.Zeros.A,
                ZerosB = c.Zeros.B
            }).ToArray(),
        } : null,
        result.Optimizer,
        result.Notes,
    };

    private static object Boxes(BoxComparison boxes) => new
    {
        boxes.CountA,
        boxes.CountB,
        boxes.Matched,
        boxes.Lost,
        boxes.New,
        boxes.ClassFlips,
        boxes.MeanShift,
        boxes.LargestShift,
        boxes.MeanOverlap,
        boxes.SmallestOverlap,
        boxes.MeanScoreChange,
        boxes.LargestScoreChange,
        Pictures = boxes.Pictures.Select(picture => new
        {
            picture.Name,
            picture.Width,
            picture.Height,
            Lost = picture.Lost.Select(Box).ToArray(),
            New = picture.New.Select(Box).ToArray(),
            Matched = picture.Pairs.Select(p => new { A = Box(p.A), B = Box(p.B), p.Overlap, p.Shift }).ToArray(),
        }).ToArray(),
    };

    private static object Box(DetectedBox box) =>
        new { box.Label, box.Class, box.Score, Box = new[] { box.Box.Left, box.Box.Top, box.Box.Right, box.Box.Bottom } };

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
