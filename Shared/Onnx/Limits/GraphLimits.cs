using CnnOnnx.Onnx.Schema;

namespace CnnOnnx.Onnx;

/// <summary>Looks at every node of a graph, and of the graphs inside it, for numbers that no runtime may see.</summary>
internal static class GraphLimits
{
    /// <exception cref="OnnxException">A number out of its range.</exception>
    public static void Check(OnnxGraph graph, string modelSource) =>
        Check(graph.Nodes, new ConstantOperands(graph.Proto, modelSource), modelSource);

    private static void Check(IEnumerable<OnnxNode> nodes, ConstantOperands constants, string modelSource)
    {
        foreach (OnnxNode node in nodes)
        {
            AttributeLimits.Check(node);
            OperandLimits.Check(node, constants);
            LoopLimits.Check(node, constants);
            foreach ((GraphProto body, IEnumerable<OnnxNode> inner) in node.Bodies())
                Check(inner, new ConstantOperands(body, modelSource, constants), modelSource);
        }
    }
}
