using System.Collections.Frozen;

namespace CnnOnnx.Onnx;

/// <summary>Rules for what places are computed from, one for each operator that has one; null where it cannot tell.</summary>
internal static class ReachRules
{
    // Each place by itself, of all operands.
    private static readonly string[] PlaceByPlace =
    [
        "Relu", "LeakyRelu", "PRelu", "ThresholdedRelu", "Clip", "Elu", "Selu", "Celu", "Sigmoid", "HardSigmoid", "HardSwish", "Swish",
        "Mish", "Softplus", "Softsign", "Tanh", "Gelu", "FastGelu", "QuickGelu", "BiasGelu", "Erf", "Exp", "Log", "Sqrt", "Abs", "Neg",
        "Sign", "Floor", "Ceil", "Round", "Reciprocal", "Sin", "Cos", "Not", "IsNaN", "IsInf", "Identity", "Cast", "Dropout",
        "Add", "Sub", "Mul", "Div", "Pow", "Mod", "Min", "Max", "Sum", "Mean", "Where", "And", "Or", "Xor", "Equal", "Less", "Greater",
        "LessOrEqual", "GreaterOrEqual", "QuantizeLinear", "DequantizeLinear", "QLinearAdd", "QLinearMul", "QLinearSigmoid",
        "QLinearLeakyRelu", "BatchNormalization", "LRN",
    ];

    private static readonly FrozenDictionary<string, Func<ReachingNode, MapReach?>> Rules =
        PlaceByPlace.Select(op => KeyValuePair.Create<string, Func<ReachingNode, MapReach?>>(op, United))
        .Concat(WindowReach.Rules).Concat(ResampledReach.Rules).Concat(AxisReach.Rules).ToFrozenDictionary();

    /// <summary>The rule of an operator; null where there is none.</summary>
    public static Func<ReachingNode, MapReach?>? Of(string op) => Rules.GetValueOrDefault(op);

    /// <summary>The union of all operands, place by place.</summary>
    public static MapReach? United(ReachingNode node)
    {
        MapReach?[] read = [.. node.Operands.OfType<ReachingOperand>().Select(operand => operand.Reach)];
        // Of one that is whole the rest changes nothing.
        return read.Any(reach => reach is { IsWhole: true }) ? MapReach.Everything
            : read.Any(reach => reach is null) ? null
            : read.Aggregate((a, b) => a is null ? null : a.With(b!));
    }
}
