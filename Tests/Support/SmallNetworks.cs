using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Support;

/// <summary>Small networks with seeded weights, for tests of what runs and draws them.</summary>
internal static class SmallNetworks
{
    public static readonly string[] Digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

    /// <summary>28x28 grey → conv 6 → ReLU → pool → conv 16 → ReLU → pool → 120 → 84 → 10, with a card.</summary>
    public static OnnxModel LeNet()
    {
        var graph = new GraphBuilder("lenet");
        string x = graph.Input("image", ElementType.Float, "N", 1, 28, 28);
        x = Convolution(graph, "conv1", x, 1, 6, 5, pad: 2);
        x = graph.Node("AveragePool", "pool1", [x], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
        x = Convolution(graph, "conv2", x, 6, 16, 5, pad: 0);
        x = graph.Node("AveragePool", "pool2", [x], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
        x = graph.Node("Flatten", "flat", [x]);
        x = graph.Node("Relu", "relu3", [Dense(graph, "fc1", x, 400, 120)]);
        x = graph.Node("Relu", "relu4", [Dense(graph, "fc2", x, 120, 84)]);
        graph.Output(Dense(graph, "logits", x, 84, 10), ElementType.Float, "N", 10);
        return graph.Build(new ModelCard
        {
            Input = new InputSpec { Size = new(28, 28), Channels = ChannelOrder.Gray },
            Labels = Digits,
            Stages = [new("first", "relu_conv1"), new("second", "relu_conv2")],
        });
    }

    /// <summary>x → Relu → tensors with these names, each made of the one before → y.</summary>
    public static OnnxModel Named(params string[] names)
    {
        var graph = new GraphBuilder("named");
        string x = graph.Input("x", ElementType.Float, 1, 1, 4, 4);
        foreach (string name in names)
            x = graph.Node("Relu", name, [x]);
        graph.Output(graph.Node("Neg", "y", [x]), ElementType.Float, 1, 1, 4, 4);
        return graph.Build();
    }

    /// <summary>Writes the model into a folder and returns its path.</summary>
    public static string SaveTo(this OnnxModel model, TemporaryFolder folder, string name = "model.onnx")
    {
        model.Save(folder.File(name));
        return folder.File(name);
    }

    private static string Convolution(GraphBuilder graph, string name, string x, int from, int to, int size, int pad)
    {
        string weight = graph.Initializer($"{name}.weight", Random(name, to, from, size, size));
        string bias = graph.Initializer($"{name}.bias", Random(name, to));
        x = graph.Node("Conv", name, [x, weight, bias], ("kernel_shape", new long[] { size, size }),
            ("pads", new long[] { pad, pad, pad, pad }));
        return graph.Node("Relu", $"relu_{name}", [x]);
    }

    private static string Dense(GraphBuilder graph, string name, string x, int from, int to) => graph.Node("Gemm", name,
        [x, graph.Initializer($"{name}.weight", Random(name, to, from)), graph.Initializer($"{name}.bias", Random(name, to))],
            ("transB", 1));

    // Uniform, with about the spread that keeps activations of one size from layer to layer.
    private static TensorData Random(string seed, params long[] shape)
    {
        var random = new Random(seed.Aggregate(17, (hash, c) => hash * 31 + c));
        var tensor = new TensorShape(shape);
        double spread = Math.Sqrt(3.0 * shape[0] / tensor.Count);
        return TensorData.FromArray([.. Enumerable.Range(0, (int)tensor.Count).Select(_ =>
            (float)((random.NextDouble() * 2 - 1) * spread))], tensor);
    }
}
