using CnnOnnx.Onnx;

namespace CnnOnnx.Visualizer.Inspection;

/// <summary>
/// Multiply-adds of a layer for one picture: those of convolutions and matrix products, which are nearly all that a network does.
/// </summary>
internal static class LayerWork
{
    // Place of the weight among the operands.
    private static readonly Dictionary<string, int> Convolutions =
        new() { ["Conv"] = 1, ["FusedConv"] = 1, ["ConvInteger"] = 1, ["QLinearConv"] = 3, ["ConvTranspose"] = 1 };

    private static readonly Dictionary<string, int> Products =
        new() { ["Gemm"] = 1, ["MatMul"] = 1, ["MatMulInteger"] = 1, ["QLinearMatMul"] = 3 };

    /// <summary>Place of a convolution's kernel among its operands; null for anything else.</summary>
    public static int? KernelOf(OnnxNode node) => Convolutions.TryGetValue(node.OpType, out int place) ? place : null;

    /// <summary>Tells whether a node multiplies and adds.</summary>
    public static bool IsProduct(OnnxNode node) => Convolutions.ContainsKey(node.OpType) || Products.ContainsKey(node.OpType);

    /// <summary>Counts them.</summary>
    /// <param name="node">A node that multiplies and adds.</param>
    /// <param name="shapeOf">Axes of a tensor, an open batch as 1; null where one is not known.</param>
    /// <returns>Null where a shape that it takes is not known.</returns>
    public static long? Of(OnnxNode node, Func<string, long[]?> shapeOf)
    {
        if (Convolutions.TryGetValue(node.OpType, out int kernel))
            // A kernel is [outputs, inputs of a group, …], of a transposed one [inputs, outputs of a group, …].
            return shapeOf(node.Inputs[kernel]) is { Length: > 2 } weight
                && shapeOf(node.OpType == "ConvTranspose" ? node.Inputs[0] : node.Outputs[0]) is { } maps
                ? Count(maps) * Count(weight[1..]) : null;
        int right = Products[node.OpType];
        long? terms = node.OpType == "Gemm"
            ? shapeOf(node.Inputs[right]) is { Length: 2 } matrix ? matrix[node.Int("transB", 0) == 0 ? 0 : 1] : null
            : shapeOf(node.Inputs[0]) is { Length: > 0 } left ? left[^1]
            : shapeOf(node.Inputs[right]) is { Length: > 1 } other ? other[^2] : null;
        return shapeOf(node.Outputs[0]) is { } result ? Count(result) * terms : null;
    }

    private static long Count(long[] dims) => dims.Aggregate(1L, (product, size) => product * size);
}
