using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Comparisons, logic and bits, with broadcasting.</summary>
internal static class LogicOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Equal", 1, node => Broadcasting.Binary(node, eq)),
        new("Greater", 1, node => Broadcasting.Binary(node, gt)),
        new("GreaterOrEqual", 12, node => Broadcasting.Binary(node, ge)),
        new("Less", 1, node => Broadcasting.Binary(node, lt)),
        new("LessOrEqual", 12, node => Broadcasting.Binary(node, le)),
        new("And", 1, node => Broadcasting.Binary(node, logical_and)),
        new("Or", 1, node => Broadcasting.Binary(node, logical_or)),
        new("Xor", 1, node => Broadcasting.Binary(node, logical_xor)),
        new("Not", 1, Not),
        new("IsNaN", 9, IsNaN),
        new("IsInf", 10, IsInf),
        new("BitShift", 11, BitShift),
        new("BitwiseAnd", 18, node => Broadcasting.Binary(node, bitwise_and)),
        new("BitwiseOr", 18, node => Broadcasting.Binary(node, bitwise_or)),
        new("BitwiseXor", 18, node => Broadcasting.Binary(node, bitwise_xor)),
        new("BitwiseNot", 18, BitwiseNot),
    ];

    private static OperatorFunction Not(OnnxNode node) => operands => [operands[0].logical_not()];

    private static OperatorFunction BitwiseNot(OnnxNode node) => operands => [operands[0].bitwise_not()];

    private static OperatorFunction IsNaN(OnnxNode node) => operands => [operands[0].isnan()];

    private static OperatorFunction IsInf(OnnxNode node)
    {
        bool negative = node.Flag("detect_negative", true), positive = node.Flag("detect_positive", true);
        return operands =>
        {
            Tensor input = operands[0];
            if (negative && positive)
                return [input.isinf()];
            return [negative ? input.isneginf() : positive ? input.isposinf() : zeros_like(input, ScalarType.Bool)];
        };
    }

    // Only unsigned integers are shifted; those that torch lacks lie in wider signed ones.
    private static OperatorFunction BitShift(OnnxNode node)
    {
        if (!node.HasAttribute("direction"))
            throw node.Error("attribute 'direction' is missing, expected LEFT or RIGHT");
        bool left = node.OneOf("direction", "LEFT", "RIGHT") == "LEFT";
        return Broadcasting.Binary(node, (bits, count) => left ? bits.bitwise_left_shift(count) : ShiftRight(bits, count));
    }

    // From 2⁶³ on a widened number is negative and would be filled up with its sign: the first step clears it.
    private static Tensor ShiftRight(Tensor bits, Tensor count)
    {
        Tensor shifted = bits.bitwise_right_shift(count);
        if (bits.dtype != ScalarType.Int64)
            return shifted;
        Tensor unsigned = bits.bitwise_right_shift(ones_like(bits)).bitwise_and(full_like(bits, long.MaxValue));
        return where(count.eq(0), bits, unsigned.bitwise_right_shift((count - 1).clamp_min(0)));
    }
}
