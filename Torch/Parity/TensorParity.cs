using System.Globalization;
using CnnOnnx.Compare;
using CnnOnnx.Onnx;

namespace CnnOnnx.Torch.Parity;

/// <summary>Judgements of a tensor that both engines have made.</summary>
internal enum Finding
{
    /// <summary>The engines differ by no more than the tolerance.</summary>
    Agrees,

    /// <summary>They differ by what is before the node: alone, on the same operands, it agrees.</summary>
    Inherited,

    /// <summary>The node alone differs, by rounding errors of its sums: float64 and a run on noise show that it is right in both.</summary>
    Rounding,

    /// <summary>ONNX Runtime's size is not the one that the specification gives, and TorchSharp's is.</summary>
    OffSpecification,

    /// <summary>Both engines make NaN in the same places, of operands and weights without one.</summary>
    BothNaN,

    /// <summary>The node itself is wrong, or nothing shows that it is right.</summary>
    Wrong,
}

/// <summary>Comparison of one tensor of TorchSharp with ONNX Runtime's, and its judgement.</summary>
/// <param name="Tensor">Name of the tensor.</param>
/// <param name="Node">The node that makes it.</param>
/// <param name="Difference">‖a − b‖∞; NaN when shapes or infinities do not agree, and when either side has a NaN.</param>
/// <param name="Allowed">The difference that is tolerated.</param>
/// <param name="Problem">Why there is no difference to state, such as another shape.</param>
internal sealed record TensorParity(string Tensor, OnnxNode Node, double Difference, double Allowed, string? Problem = null)
{
    /// <summary>
    /// The judgement; of a tensor that was only compared it is <see cref="Finding.Agrees"/> or <see cref="Finding.Wrong"/>.
    /// </summary>
    public Finding Finding { get; init; } = Difference <= Allowed ? Finding.Agrees : Finding.Wrong;

    /// <summary>Why it was judged so, in words that follow the name and the difference; null where nothing is to be added.</summary>
    public string? Reason { get; init; }

    /// <summary>Exactness of each engine, where the node alone differs and that could be found out.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary>The engines have tensors of different shapes.</summary>
    public bool HasOtherShape { get; init; }

    /// <summary>Both engines have NaN in the same places, and agree in all others.</summary>
    public bool SharesNaN { get; init; }

    /// <summary>TorchSharp against ONNX Runtime in the two whole runs; null where no rules of a comparison were given.</summary>
    public PairMetrics? Metrics { get; init; }

    /// <summary>The node alone on ONNX Runtime's operands; null where it was not run alone, or no rules were given.</summary>
    public PairMetrics? Local { get; init; }

    /// <summary>The tolerance by those rules.</summary>
    public PairTolerance Tolerance { get; init; }

    /// <summary>Maps of both engines; null where they were not asked for.</summary>
    public PairMaps? Maps { get; init; }

    /// <summary>The node as a model of its own with its inputs and both results, of the first that is wrong.</summary>
    public Reproduction? Reproduction { get; init; }

    /// <summary>The difference is within the tolerance.</summary>
    public bool Agrees => Metrics is { } metrics ? Problem is null && metrics.IsWithin(Tolerance) : Difference <= Allowed;

    /// <summary>The difference in units of the tolerance; infinite where there is no number.</summary>
    public double OfAllowed => double.IsNaN(Difference) ? double.PositiveInfinity
        : Metrics is not { } metrics ? Difference / Math.Max(Allowed, 1e-30)
        : Difference <= Tolerance.Absolute ? Difference / Math.Max(Tolerance.Absolute, 1e-30)
        : Math.Max(metrics.RelativeError, metrics.LargestRelative / PairTolerance.LargestOverRelative)
            / Math.Max(Tolerance.Relative, 1e-30);

    public override string ToString()
    {
        string size = Problem ?? (Metrics is { } metrics
            ? string.Create(CultureInfo.InvariantCulture,
                $"differs by {Difference:0.##e+0}, {metrics.RelativeError:0.##e+0} of its size, allowed {Tolerance.Relative:0.##e+0}")
            : string.Create(CultureInfo.InvariantCulture, $"differs by {Difference:0.##e+0}, allowed {Allowed:0.##e+0}"));
        return $"'{Tensor}' of {Node} {size}{(Reason is null ? "" : $", {Reason}")}{(Verdict is null ? "" : $": {Verdict}")}";
    }
}
