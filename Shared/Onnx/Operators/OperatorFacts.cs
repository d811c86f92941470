using System.Collections.Frozen;

namespace CnnOnnx.Onnx;

/// <summary>
/// What is known about an operator without running it: one row for each operator of which there is something to say. All else
/// about it is as the default row has it: the output is of the input's type, no input is a weight, nothing has a range.
/// </summary>
/// <remarks>
/// A type has one row whatever its domain: runtimes give operators of their own domains (com.microsoft) names and inputs that
/// ai.onnx has, or names that it has not.
/// </remarks>
/// <param name="Type">Such as Conv.</param>
internal sealed record OperatorFacts(string Type)
{
    private static readonly TypeRule[] AsGiven = [TypeRules.OfInput(0)];

    private static readonly FrozenDictionary<string, OperatorFacts> Rows = ((OperatorFacts[])
    [
        .. LayerOperatorFacts.Rows,
        .. ElementwiseOperatorFacts.Rows,
        .. ShapeOperatorFacts.Rows,
        .. ControlOperatorFacts.Rows,
    ]).ToFrozenDictionary(row => row.Type);

    private static readonly OperatorFacts Default = new("");

    /// <summary>All rows, in no order.</summary>
    public static IEnumerable<OperatorFacts> All => Rows.Values;

    /// <summary>Element types of the outputs, in order; the last rule holds for all that come after it, too.</summary>
    public TypeRule[] Types { get; init; } = AsGiven;

    /// <summary>Ranges of operands that count or measure something.</summary>
    public OperandLimit[] Limits { get; init; } = [];

    /// <summary>Inputs that may be weights, or what is kept with the weights.</summary>
    public WeightInput[] Weights { get; init; } = [];

    /// <summary>Where the values of its output stop answering to the input's.</summary>
    public Func<OnnxGraph, OnnxNode, SaturationBounds> Saturation { get; init; } = (_, _) => SaturationBounds.None;

    /// <summary>Outputs whose values the specification leaves open before a version: two right engines may differ in them.</summary>
    public (int Output, long Before)[] Nondeterministic { get; init; } = [];

    /// <summary>Place of the input that switches training mode on, in which all results are random; null where there is none.</summary>
    public int? TrainingModeInput { get; init; }

    /// <summary>What it does to the scores of a classifier in front of it.</summary>
    public EffectOnClasses OnClasses { get; init; }

    /// <summary>It rounds to integers, where a tie may fall either way.</summary>
    public bool Quantizes { get; init; }

    /// <summary>The kind of layer that it makes.</summary>
    public OperatorFamily Family { get; init; }

    /// <summary>The row of a type; the default row where there is none.</summary>
    public static OperatorFacts Of(string type) => Rows.GetValueOrDefault(type, Default);

    /// <inheritdoc cref="Of(string)"/>
    public static OperatorFacts Of(OnnxNode node) => Of(node.OpType);

    /// <summary>Tells whether the specification leaves the values of a node's output open, whatever the node reads.</summary>
    public static bool IsNondeterministic(OnnxNode node, string tensor) =>
        Of(node).Nondeterministic.Any(open => node.Opset < open.Before && node.Outputs.IndexOf(tensor) == open.Output);

    /// <summary>Tells whether an output is open, or random because the node is in training mode.</summary>
    /// <param name="node">A node.</param>
    /// <param name="output">Place among its outputs.</param>
    /// <param name="constants">The constants of its graph, which say whether it is in training mode.</param>
    public static bool IsNondeterministic(OnnxNode node, int output, ConstantOperands constants) =>
        IsNondeterministic(node, node.Outputs[output]) || IsTraining(node, constants);

    // A mode that only a run knows may be training; a ratio of 0 drops nothing.
    private static bool IsTraining(OnnxNode node, ConstantOperands constants) =>
        Of(node).TrainingModeInput is { } mode && node.HasInput(mode) && constants.Of(node, mode) is not [0]
        && !(node.OpType == "Dropout" && constants.Of(node, 1) is [0]);
}

/// <summary>The range of an operand that counts or measures something.</summary>
/// <param name="Input">Place among the node's inputs.</param>
/// <param name="Min">The smallest number that may stand in it.</param>
/// <param name="Max">The largest one.</param>
internal sealed record OperandLimit(int Input, double Min, double Max)
{
    /// <summary>More than any axis, kernel or number of heads, and small enough that a product of two still fits into 64 bits.</summary>
    public const long Largest = 1 << 24;

    /// <summary>Of what widens a map, which is computed in full: more takes a runtime minutes and gigabytes for zeros.</summary>
    public const long Widest = 1 << 16;

    /// <summary>Elements of 64 maps of 2048 × 2048, a gigabyte of floats: no exporter writes a constant for more.</summary>
    public const double MostElements = 1 << 28;

    /// <summary>What its numbers may come to when they are multiplied: the elements of the result.</summary>
    public double MostTogether { get; init; } = double.PositiveInfinity;

    /// <summary>Version of the operator set from which on another operand stands there.</summary>
    public long Before { get; init; } = long.MaxValue;
}

/// <summary>What an operator does to class scores that it is given.</summary>
internal enum EffectOnClasses
{
    /// <summary>It mixes them, or that is not known.</summary>
    Mixes,

    /// <summary>They are the same classes behind it: a change of shape, a pool over the map.</summary>
    Keeps,

    /// <summary>It makes them probabilities, or the logarithms of probabilities.</summary>
    Normalizes,
}

/// <summary>Kinds of layers.</summary>
internal enum OperatorFamily
{
    Other,
    Convolution,
    Dense,
    Activation,
    Pooling,
    Normalization,
}
