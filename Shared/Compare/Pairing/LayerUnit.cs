using CnnOnnx.Onnx;

namespace CnnOnnx.Compare;

/// <summary>
/// A layer as pairing sees it: a node that computes, and the affine nodes behind it that an exporter may have folded into its weights.
/// </summary>
/// <param name="Index">Place among the units of its model, in the order of the graph.</param>
/// <param name="Node">The node that computes.</param>
/// <param name="Operation">Kind of computation; the same for spellings of one thing, such as Gemm and MatMul with constant weights.</param>
internal sealed record LayerUnit(int Index, OnnxNode Node, string Operation)
{
    /// <summary>The results of the node and of what is folded behind it, in order; the last is what the next layer reads.</summary>
    public required IReadOnlyList<string> Chain { get; init; }

    /// <summary>
    /// The units that it reads, operand by operand; constants are left out, and what only changes the view is looked through.
    /// </summary>
    public required IReadOnlyList<UnitOutput> Sources { get; init; }

    /// <summary>Kernel, strides, pads and groups in one text, defaults written out; empty for operators without.</summary>
    public required string Attributes { get; init; }

    /// <summary>The weights with what is folded behind them, in short; null where there are none.</summary>
    public WeightFingerprint? Weights => WeightsWhenAsked.Value;

    /// <summary>Reads the weights when somebody asks for them.</summary>
    public required Lazy<WeightFingerprint?> WeightsWhenAsked { get; init; }

    /// <summary>The result of the whole unit.</summary>
    public string Output => Chain[^1];

    /// <summary>Says whether operands may be exchanged.</summary>
    public bool IsCommutative => Operation is "Add" or "Mul" or "Max" or "Min" or "Mean";
}

/// <summary>A result of a unit, or an input of the graph.</summary>
/// <param name="Unit">Index of the unit; −1 − k for input k of the graph.</param>
/// <param name="Output">Place among the outputs of the unit's node.</param>
internal readonly record struct UnitOutput(int Unit, int Output)
{
    public static UnitOutput OfInput(int index) => new(-1 - index, 0);
}
