using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Operands of different shapes.</summary>
internal static class Broadcasting
{
    // Results up to here need no arithmetic to know that memory holds them.
    private const long Harmless = 1 << 26;

    /// <summary>A function of two operands of one type, which broadcast to each other.</summary>
    public static OperatorFunction Binary(OnnxNode node, Func<Tensor, Tensor, Tensor> function)
    {
        Func<Tensor, Tensor, Tensor> align = AlignBefore7(node);
        return operands =>
        {
            operands.RequireSameType(0, 1);
            Tensor left = operands[0], right = align(left, operands[1]);
            Require(node, left, right);
            return [function(left, right)];
        };
    }

    /// <summary>Refuses two operands of one type that broadcast to more than memory holds, or do not broadcast at all.</summary>
    public static void Require(OnnxNode node, Tensor left, Tensor right)
    {
        long leftCount = left.numel(), rightCount = right.numel();
        if (leftCount <= 1 || rightCount <= 1 || (leftCount < Harmless && rightCount <= Harmless / leftCount))
            return;
        Budget.Require(node, left.dtype, Shape(node, left.shape, right.shape));
    }

    /// <summary>The shape to which two shapes broadcast.</summary>
    public static long[] Shape(OnnxNode node, ReadOnlySpan<long> left, ReadOnlySpan<long> right)
    {
        long[] shape = new long[Math.Max(left.Length, right.Length)];
        for (int i = 1; i <= shape.Length; i++)
        {
            long a = i <= left.Length ? left[^i] : 1, b = i <= right.Length ? right[^i] : 1;
            if (a != b && a != 1 && b != 1)
                throw node.Error($"sizes {a} and {b} do not broadcast");
            shape[^i] = a == 1 ? b : a;
        }

        return shape;
    }

    /// <summary>
    /// Until version 7 the second operand's axes lay anywhere within the first one's, from attribute "axis" on, and only
    /// where attribute "broadcast" said so. Returns it with as many axes behind as plain broadcasting wants.
    /// </summary>
    public static Func<Tensor, Tensor, Tensor> AlignBefore7(OnnxNode node)
    {
        if (node.Opset >= 7 || !node.Flag("broadcast", false) || !node.HasAttribute("axis"))
            return (_, right) => right;
        long axis = node.Int("axis", 0);
        return (left, right) =>
        {
            long behind = left.dim() - Axes.Normalize(node, axis, left.dim()) - right.dim();
            return behind > 0 ? right.reshape([.. right.shape, .. Enumerable.Repeat(1L, (int)behind)]) : right;
        };
    }
}
