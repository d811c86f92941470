using CnnOnnx.Compare;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Torch.Parity;

/// <summary>The rules of a comparison of models, for one model in two engines.</summary>
/// <param name="Options">Tolerances, and whether maps are kept; the rest does not apply.</param>
internal sealed record ParityRules(CompareOptions Options)
{
    // One file in two engines is quantised alike: a tie that falls the other way is one step, and no more is forgiven.
    private static readonly PairTolerance OneStep = new(0, 1);

    // Of numbers around 1 that cancel to zero, as a normalisation of one value does, some units in the last place are left: 1e-7 each.
    private const double Cancelled = 1e-5;

    /// <summary>The tolerance of a tensor.</summary>
    /// <param name="tensor">Name of the tensor.</param>
    /// <param name="node">The node that makes it.</param>
    /// <param name="type">Type of its elements.</param>
    /// <param name="isQuantized">True for integers that are rounded inside the model.</param>
    public PairTolerance For(string tensor, OnnxNode node, ElementType type, bool isQuantized) =>
        Options is not { Relative: null, Absolute: null, ByName.Count: 0 }
            ? Options.For(PairOf(tensor, node), type, type, isQuantized: false)
            : isQuantized ? OneStep
            : Options.For(PairOf(tensor, node), type, type, isQuantized: false) is var usual && type.IsFloatingPoint()
                ? usual with { Absolute = Math.Max(usual.Absolute, Cancelled) } : usual;

    /// <summary>True when a user gave a tolerance, which is then taken by the letter: rounding is no excuse.</summary>
    public bool IsStrict => Options is not { Relative: null, Absolute: null };

    /// <summary>The pair of a tensor with itself.</summary>
    public static TensorPair PairOf(string tensor, OnnxNode node) =>
        new(tensor, tensor, node.OpType, node.Name, PairingEvidence.Name | PairingEvidence.Weights, null);

    /// <summary>Measures TorchSharp's values against ONNX Runtime's.</summary>
    public static PairMetrics Measure(ReadOnlySpan<float> ours, ReadOnlySpan<float> theirs, PairTolerance tolerance)
    {
        var meter = new PairMeter();
        meter.Add(theirs, ours, tolerance);
        return meter.Result();
    }
}
