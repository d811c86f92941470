using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Counts what nodes have to do, to tell what a pass over some of them costs.</summary>
internal static class NodeWork
{
    /// <summary>Values that nodes make, and products for them.</summary>
    /// <param name="graph">Graph of the nodes.</param>
    /// <param name="shapes">Shapes of a run by name.</param>
    /// <param name="nodes">The nodes.</param>
    public static double Of(OnnxGraph graph, IReadOnlyDictionary<string, TensorShape> shapes, IEnumerable<OnnxNode> nodes) =>
        nodes.Sum(node =>
        {
            double values = node.Outputs.Sum(name => shapes.TryGetValue(name, out TensorShape shape) ? (double)shape.Count : 0);
            return values * (1 + Products(graph, node));
        });

    // Products for each value of a result: the weights of one output channel.
    private static double Products(OnnxGraph graph, OnnxNode node)
    {
        if (node.OpType is not ("Conv" or "ConvTranspose" or "Gemm" or "MatMul" or "QLinearConv" or "ConvInteger"))
            return 0;
        string? name = node.Inputs.Skip(1).FirstOrDefault(input => input.Length > 0);
        while (name is not null && !graph.Initializer.ContainsKey(name))
            name = graph.Producer(name)?.Inputs.FirstOrDefault();
        if (name is null || graph.Initializer[name].Shape is not { Rank: >= 2 } shape)
            return 0;
        bool firstAxis = node.OpType is not "MatMul" && !(node.OpType == "Gemm" && node.Int("transB", 0) == 0);
        return (double)shape.Count / Math.Max(1, firstAxis ? shape[0] : shape[^1]);
    }
}
