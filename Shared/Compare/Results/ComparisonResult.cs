using CnnOnnx.Imaging;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>Result of a comparison of two models.</summary>
public sealed record ComparisonResult
{
    /// <summary>File of the first model.</summary>
    public required string ModelA { get; init; }

    /// <summary>File of the second model.</summary>
    public required string ModelB { get; init; }

    /// <summary>What ran the two models: ONNX Runtime, TorchSharp, or the program that recorded tensors.</summary>
    public (string A, string B) Engines { get; init; } = ("ONNX Runtime", "ONNX Runtime");

    /// <summary>Number of inputs that both were run on.</summary>
    public required int Inputs { get; init; }

    /// <summary>The inputs of the two networks, side by side.</summary>
    public required InputComparison Input { get; init; }

    /// <summary>The pairs with their figures, in the order in which the second model makes them.</summary>
    public required IReadOnlyList<PairComparison> Pairs { get; init; }

    /// <summary>Tensors without a partner, with reasons.</summary>
    public required IReadOnlyList<UnpairedTensor> Unpaired { get; init; }

    /// <summary>The verdict.</summary>
    public required ComparisonVerdict Verdict { get; init; }

    /// <summary>The first layer that adds a difference, ready for a report of the fault; null where there is none.</summary>
    public Reproduction? Reproduction { get; init; }

    /// <summary>Common ground of two networks with other weights; null for the same weights, or fewer than four inputs.</summary>
    public RepresentationResult? Representation { get; init; }

    /// <summary>Boxes of two detectors, matched; null where not both are detectors that are known.</summary>
    public BoxComparison? Boxes { get; init; }

    /// <summary>How often both name the same class first; null where no output is a row of scores.</summary>
    public Agreement? Predictions { get; init; }

    /// <summary>
    /// Maps of the pair that the verdict names, or else of the pair that is furthest apart; null where no pair has values.
    /// </summary>
    public PairMaps? Maps { get; init; }

    /// <summary>Classes that the models think most likely of the first input; none where no output is a row of scores.</summary>
    public IReadOnlyList<ScorePair> Scores { get; init; } = [];

    /// <summary>Change that the runtime's optimiser makes; null unless one model is compared with itself at two levels.</summary>
    public OptimizerFinding? Optimizer { get; init; }

    /// <summary>Remarks: what could not be run or compared, and why.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>The inputs that the two networks were given.</summary>
/// <param name="Differences">Differences in words, one sentence each; none when the tensors are equal.</param>
/// <param name="A">How the first made a picture its input; null for tensors.</param>
/// <param name="B">How the second made a picture its input; null for tensors.</param>
public sealed record InputComparison(IReadOnlyList<string> Differences, InputSpec? A, InputSpec? B);

/// <summary>Findings about a pair.</summary>
public enum PairFinding
{
    /// <summary>Within the tolerance.</summary>
    Equal,

    /// <summary>Out of tolerance, and the layer alone is so on the other's values: the difference begins here.</summary>
    Introduced,

    /// <summary>Out of tolerance, and the layer alone is not: it was handed the difference.</summary>
    CarriedOn,

    /// <summary>Out of tolerance; the layer was not run alone.</summary>
    Different,
}

/// <summary>A pair and how far it is apart.</summary>
public sealed record PairComparison
{
    /// <summary>The two tensors.</summary>
    public required TensorPair Pair { get; init; }

    /// <summary>Shape of the first tensor.</summary>
    public required TensorShape Shape { get; init; }

    /// <summary>Element types of the two.</summary>
    public required (ElementType A, ElementType B) Types { get; init; }

    /// <summary>B against A in the two whole runs.</summary>
    public required PairMetrics Cumulative { get; init; }

    /// <summary>The layer of B on A's values against A; null where it was not run alone.</summary>
    public required PairMetrics? Local { get; init; }

    /// <summary>The tolerance that was applied.</summary>
    public required PairTolerance Tolerance { get; init; }

    /// <summary>Finding about the pair.</summary>
    public required PairFinding Finding { get; init; }

    /// <summary>
    /// Relative change of the first output when the error that this layer adds is let into the first model and no other;
    /// null where it was not measured.
    /// </summary>
    public double? Effect { get; init; }

    /// <summary>Channels that differ most on the first input; null where they were not asked for, or there was no room.</summary>
    public PairMaps? Maps { get; init; }

    /// <summary>Size of a quantisation step of the second tensor; null where it is not quantised.</summary>
    public float? Step { get; init; }
}

/// <summary>Kinds of answer.</summary>
public enum VerdictKind
{
    /// <summary>Every pair is equal, bit by bit.</summary>
    BitEqual,

    /// <summary>Every pair is within its tolerance.</summary>
    Same,

    /// <summary>The inputs differ, so nothing behind them says anything about the networks.</summary>
    InputDiffers,

    /// <summary>The two compute the same up to layers that add a difference.</summary>
    Differs,

    /// <summary>The same network with other weights, as from another training: layers are compared by what they represent.</summary>
    OtherWeights,
}

/// <summary>The answer in words.</summary>
/// <param name="Kind">Kind of answer.</param>
/// <param name="Headline">One sentence that answers the question.</param>
/// <param name="Detail">Support for it: where, how much, what it does to the output.</param>
/// <param name="First">The first pair out of tolerance that its own layer makes so; null where there is none.</param>
public sealed record ComparisonVerdict(VerdictKind Kind, string Headline, string Detail, TensorPair? First)
{
    /// <summary>True when the two compute the same.</summary>
    public bool Holds => Kind is VerdictKind.BitEqual or VerdictKind.Same;
}
