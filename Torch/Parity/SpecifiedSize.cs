using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Torch.Parity;

/// <summary>
/// Output sizes that the specification states outright, for nodes whose padding follows from them: engines are known to take
/// others there.
/// </summary>
internal static class SpecifiedSize
{
    /// <summary>Sizes along the axes of the map, and the rule that gives them; null where padding alone decides.</summary>
    /// <param name="node">The node.</param>
    /// <param name="input">Shape of its first operand, [N, C, …].</param>
    public static (long[] Sizes, string Rule)? Of(OnnxNode node, TensorShape input)
    {
        if (input.Rank < 3)
            return null;
        long[] map = input.Dims[2..].ToArray();
        long[] strides = node.Ints("strides") is { Length: > 0 } given && given.Length == map.Length ? given : [.. map.Select(_ => 1L)];
        bool isSame = node.Text("auto_pad", "NOTSET") is "SAME_UPPER" or "SAME_LOWER";
        if (node.OpType == "ConvTranspose" && node.Ints("output_shape") is { Length: > 0 } sizes)
            return (sizes[^map.Length..], "output_shape");
        if (node.OpType == "ConvTranspose" && isSame)
            return ([.. map.Select((size, i) => size * strides[i])], "input × stride");
        if (node.OpType is "Conv" or "MaxPool" or "AveragePool" or "LpPool" && isSame)
            return ([.. map.Select((size, i) => (size + strides[i] - 1) / strides[i])], "input / stride, rounded up");
        return null;
    }
}
