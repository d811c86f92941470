using CnnOnnx.Compare;
using CnnOnnx.Inference;
using CnnOnnx.Tensors;

namespace CnnOnnx.Torch.Parity;

/// <summary>
/// A parity report as what a comparison of two models finds: A is the model in ONNX Runtime, B is the same file in TorchSharp. Rounding,
/// sizes that the specification gives otherwise, and NaN of both are told and no difference.
/// </summary>
internal static class ParityComparison
{
    /// <summary>Makes the result.</summary>
    /// <param name="source">File of the model.</param>
    /// <param name="theirs">The run of ONNX Runtime.</param>
    /// <param name="report">A report that was made with rules of a comparison.</param>
    public static ComparisonResult Of(string source, Activations theirs, ParityReport report)
    {
        PairComparison[] pairs = [.. report.Tensors.Select(tensor => Pair(tensor, theirs[tensor.Tensor]))];
        UnpairedTensor[] unpaired = [.. report.Skipped.Select(s => new UnpairedTensor(s.Name, false, s.Reason))];
        var input = new InputComparison([], theirs.Preprocessing, theirs.Preprocessing);
        ComparisonVerdict verdict = VerdictWriter.Of(pairs, input, unpaired);
        IReadOnlyList<TensorParity> inherited = report.With(Finding.Inherited);
        if (report.Holds && !verdict.Holds)
            verdict = new ComparisonVerdict(VerdictKind.Same, "The two compute the same.",
                $"{inherited.Count} of {pairs.Length} tensors are out of tolerance by what is before them: each node agrees on ONNX "
                    + "Runtime's operands.", null);
        return new ComparisonResult
        {
            ModelA = source,
            ModelB = source,
            Engines = ("ONNX Runtime", "TorchSharp"),
            Inputs = 1,
            Input = input,
            Pairs = pairs,
            Unpaired = unpaired,
            Verdict = verdict,
            Maps = (report.First ?? report.Tensors.Where(t => t.Maps is not null).MaxBy(t => t.Metrics!.RelativeError))?.Maps,
            Reproduction = report.First?.Reproduction,
            Scores = report.Scores,
            Notes = [.. new[] { Finding.Rounding, Finding.OffSpecification, Finding.BothNaN }
                .SelectMany(report.With).Select(told => $"no fault: {told}")],
        };
    }

    private static PairComparison Pair(TensorParity tensor, Activation theirs) => new()
    {
        Pair = ParityRules.PairOf(tensor.Tensor, tensor.Node),
        Shape = theirs.Shape,
        Types = (theirs.ElementType, theirs.ElementType),
        Cumulative = tensor.Metrics ?? NoNumber(theirs.Shape),
        Local = tensor.Local,
        Tolerance = tensor.Tolerance,
        Maps = tensor.Maps,
        Finding = tensor.Finding switch
        {
            Finding.Wrong => tensor.Local is null ? PairFinding.Different : PairFinding.Introduced,
            Finding.Inherited => PairFinding.CarriedOn,
            _ => PairFinding.Equal,
        },
    };

    // Of tensors of two shapes, or of no numbers.
    private static PairMetrics NoNumber(TensorShape shape) => new()
    {
        Elements = shape.Count,
        IsBitEqual = false,
        Largest = double.PositiveInfinity,
        At = null,
        AtRun = 0,
        MeanAbsolute = 0,
        RelativeError = double.PositiveInfinity,
        LargestRelative = double.PositiveInfinity,
        Cosine = 0,
        Psnr = double.NegativeInfinity,
        Magnitude = 0,
        OutsideShare = 1,
        NaNInA = 0,
        NaNInB = 0,
        InfiniteInA = 0,
        InfiniteInB = 0,
        BeyondHalfInB = 0,
    };
}
