using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Graph;

/// <summary>Networks so small that hands can differentiate them.</summary>
internal static class ToyGraphs
{
    /// <summary>
    /// x [N, 1, 4, 4] → Conv (2 maps, 3×3, all ones, bias −50 and −75) → Relu → Flatten → Gemm (4 rows 1, 1, 1, 1, 1, −1, −1, −1) → Relu.
    /// The network of Captum's tests.
    /// </summary>
    public static OnnxModel TwoRelus()
    {
        var graph = new GraphBuilder("toy");
        string x = graph.Input("x", ElementType.Float, "N", 1, 4, 4);
        string kernel = graph.Initializer("conv.weight", TensorData.FromArray([.. Enumerable.Repeat(1f, 18)], new TensorShape(2, 1, 3, 3)));
        string bias = graph.Initializer("conv.bias", TensorData.FromArray([-50f, -75], new TensorShape(2)));
        string relu = graph.Node("Relu", "relu1", [graph.Node("Conv", "conv1", [x, kernel, bias])]);
        float[] row = [1, 1, 1, 1, 1, -1, -1, -1];
        string weight = graph.Initializer("fc.weight", TensorData.FromArray([.. row, .. row, .. row, .. row], new TensorShape(4, 8)));
        string logits = graph.Node("Gemm", "fc", [graph.Node("Flatten", "flat", [relu]), weight], ("transB", 1));
        graph.Output(graph.Node("Relu", "y", [logits]), ElementType.Float, "N", 4);
        return graph.Build();
    }

    /// <summary>x [4] → Mul 2 → Relu → ArgMax and Cast → y, beside the way that has a gradient: z = Σ relu.</summary>
    public static OnnxModel WithArgMax()
    {
        var graph = new GraphBuilder("argmax");
        string x = graph.Input("x", ElementType.Float, 4), unused = graph.Input("unused", ElementType.Float, 4);
        string two = graph.Initializer("two", TensorData.FromArray([2f], TensorShape.Scalar));
        string relu = graph.Node("Relu", "relu", [graph.Node("Mul", "twice", [x, two])]);
        string best = graph.Node("ArgMax", "best", [relu], ("axis", 0), ("keepdims", 0));
        graph.Output(graph.Node("Cast", "y", [best], ("to", (int)ElementType.Float)), ElementType.Float);
        graph.Output(graph.Node("ReduceSum", "z", [relu], ("keepdims", 0)), ElementType.Float);
        graph.Output(graph.Node("Neg", "other", [unused]), ElementType.Float, 4);
        return graph.Build();
    }
}
