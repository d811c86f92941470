using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Attribution;

/// <summary>Small seeded networks with the shapes that attribution has to cope with.</summary>
internal static class AttributionGraphs
{
    /// <summary>image [N, 2, 12, 12] → conv 6 → act → pool → conv 8 with a skip → relu_last → global pool → classes [N, 5].</summary>
    /// <param name="activation">Makes the first activation, from a graph, the tensor in front, and the name of the result.</param>
    /// <param name="batch">First axis of the input.</param>
    public static OnnxModel Pooled(Func<GraphBuilder, string, string, string>? activation = null, Dimension? batch = null)
    {
        var graph = new GraphBuilder("pooled");
        string x = graph.Input("image", ElementType.Float, batch ?? "N", 2, 12, 12);
        x = Convolution(graph, "conv1", x, 2, 6, 3);
        x = (activation ?? Relu)(graph, x, "act");
        x = graph.Node("MaxPool", "pool", [x], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
        string skip = Convolution(graph, "skip", x, 6, 8, 1);
        x = graph.Node("Add", "sum", [Convolution(graph, "conv2", x, 6, 8, 3), skip]);
        x = graph.Node("Relu", "relu_last", [x]);
        x = graph.Node("GlobalAveragePool", "gap", [x]);
        // A batch that is folded into the shape, as exporters write it.
        x = batch is null ? graph.Node("Flatten", "flat", [x])
            : graph.Node("Reshape", "flat", [x, graph.Initializer("flat.shape", TensorData.FromArray([1L, 8], new TensorShape(2)))]);
        string weight = graph.Initializer("fc.weight", Random(5, 5, 8)), bias = graph.Initializer("fc.bias", Random(6, 5));
        graph.Output(graph.Node("Gemm", "logits", [x, weight, bias], ("transB", 1)), ElementType.Float, batch ?? "N", 5);
        return graph.Build();
    }

    /// <summary>The same network for pictures [N, 12, 12, 2]: a Transpose in front, and layers behind one that are channels last.</summary>
    public static OnnxModel ChannelsLast()
    {
        var graph = new GraphBuilder("last");
        string x = graph.Input("image", ElementType.Float, "N", 12, 12, 2);
        x = graph.Node("Transpose", "first", [x], ("perm", new long[] { 0, 3, 1, 2 }));
        x = Convolution(graph, "conv1", x, 2, 6, 3);
        x = graph.Node("Transpose", "conv1.last", [x], ("perm", new long[] { 0, 2, 3, 1 }));
        x = graph.Node("Relu", "act.last", [x]);
        x = graph.Node("Transpose", "act", [x], ("perm", new long[] { 0, 3, 1, 2 }));
        x = graph.Node("MaxPool", "pool", [x], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
        string skip = Convolution(graph, "skip", x, 6, 8, 1);
        x = graph.Node("Add", "sum", [Convolution(graph, "conv2", x, 6, 8, 3), skip]);
        x = graph.Node("GlobalAveragePool", "gap", [graph.Node("Relu", "relu_last", [x])]);
        string weight = graph.Initializer("fc.weight", Random(5, 5, 8)), bias = graph.Initializer("fc.bias", Random(6, 5));
        graph.Output(graph.Node("Gemm", "logits", [graph.Node("Flatten", "flat", [x]), weight, bias], ("transB", 1)),
            ElementType.Float, "N", 5);
        return graph.Build();
    }

    /// <summary>image [1, 1, 16, 16] → features (8×8 and 4×4) → two heads of a detector: scores of each place, two scales.</summary>
    public static OnnxModel TwoHeads()
    {
        var graph = new GraphBuilder("heads");
        string x = graph.Input("image", ElementType.Float, "N", 1, 16, 16);
        string large = graph.Node("Relu", "features8", [Convolution(graph, "c8", x, 1, 4, 3, stride: 2)]);
        string small = graph.Node("Relu", "features4", [Convolution(graph, "c4", large, 4, 6, 3, stride: 2)]);
        graph.Output(graph.Node("Sigmoid", "head8", [Convolution(graph, "h8", large, 4, 3, 1)]), ElementType.Float, "N", 3, 8, 8);
        graph.Output(graph.Node("Sigmoid", "head4", [Convolution(graph, "h4", small, 6, 3, 1)]), ElementType.Float, "N", 3, 4, 4);
        return graph.Build();
    }

    /// <summary>image [1, 1, 16, 16] → down → up, joined with what was there before → a map of two classes.</summary>
    public static OnnxModel UNet()
    {
        var graph = new GraphBuilder("unet");
        string x = graph.Input("image", ElementType.Float, "N", 1, 16, 16);
        string wide = graph.Node("Relu", "encoder", [Convolution(graph, "e", x, 1, 4, 3)]);
        string low = graph.Node("Relu", "bottom", [Convolution(graph, "b", wide, 4, 6, 3, stride: 2)]);
        string weight = graph.Initializer("up.weight", Random(11, 6, 4, 2, 2));
        string up = graph.Node("ConvTranspose", "up", [low, weight], ("strides", new long[] { 2, 2 }));
        string joined = graph.Node("Concat", "joined", [wide, up], ("axis", 1));
        string decoded = graph.Node("Relu", "decoder", [Convolution(graph, "d", joined, 8, 4, 3)]);
        graph.Output(Convolution(graph, "classes", decoded, 4, 2, 1), ElementType.Float, "N", 2, 16, 16);
        return graph.Build();
    }

    public static string Relu(GraphBuilder graph, string x, string name) => graph.Node("Relu", name, [x]);

    public static string Number(GraphBuilder graph, string name, float value) =>
        graph.Initializer(name, TensorData.FromArray([value], TensorShape.Scalar));

    /// <summary>Numbers between −1 and 1, the same for the same seed, scaled as layers of that shape need.</summary>
    public static TensorData Random(int seed, params long[] shape)
    {
        var random = new Random(seed);
        var size = new TensorShape(shape);
        double spread = Math.Sqrt(3.0 * shape[0] / size.Count);
        float[] values = [.. Enumerable.Range(0, (int)size.Count).Select(_ => (float)((random.NextDouble() * 2 - 1) * spread))];
        return TensorData.FromArray(values, size);
    }

    public static string Convolution(GraphBuilder graph, string name, string x, int from, int to, int size, int stride = 1) =>
        graph.Node("Conv", name,
            [x, graph.Initializer($"{name}.weight", Random(name.Length + to, to, from, size, size)),
                graph.Initializer($"{name}.bias", Random(from, to))],
            ("kernel_shape", new long[] { size, size }), ("strides", new long[] { stride, stride }),
            ("pads", new long[] { size / 2, size / 2, size / 2, size / 2 }));
}
