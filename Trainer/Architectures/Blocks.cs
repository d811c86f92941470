using System.Collections.Immutable;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Trainer.Architectures;

/// <summary>A tensor of a graph that is being built.</summary>
/// <param name="Name">Name in the graph.</param>
/// <param name="Shape">Sizes without the batch: [C, H, W] or [features].</param>
internal readonly record struct GraphTensor(string Name, ImmutableArray<long> Shape);

/// <summary>
/// The building blocks of networks: each takes tensors, adds nodes and weights to a graph, and returns the tensor that it makes.
/// A block that is made of others is a function over these.
/// </summary>
/// <param name="graph">The graph that is built.</param>
/// <param name="tooSmall">Refuses pictures of which nothing is left at the layer of this name.</param>
internal sealed class Blocks(GraphBuilder graph, Func<string, BadInputException> tooSmall)
{
    private readonly List<GraphTensor> _made = [];
    private readonly List<KeyValuePair<string, string>> _stages = [];
    private readonly Dictionary<string, string> _constants = [];
    private readonly List<(GraphTensor Tensor, int[] Anchors)> _heads = [];

    /// <summary>All tensors but the input, in order.</summary>
    public IReadOnlyList<GraphTensor> Made => _made;

    /// <summary>Label and tensor of each part of the network, for the model card.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Stages => _stages;

    /// <summary>Heads of a detector, and which of its anchors each has.</summary>
    public IReadOnlyList<(GraphTensor Tensor, int[] Anchors)> Heads => _heads;

    /// <param name="name">Name of the tensor; with .weight and .bias behind it, of the weights.</param>
    /// <param name="padding">Zeros on every side.</param>
    /// <param name="groups">Number of groups of channels that are convolved apart; as many as channels for a depthwise convolution.</param>
    /// <param name="bias">False where a normalisation follows, which would take a bias out again.</param>
    public GraphTensor Conv(GraphTensor x, string name, int channels, int kernel, int stride = 1, int padding = 0, int groups = 1,
        bool bias = true)
    {
        long[] shape = [channels, x.Shape[0] / groups, kernel, kernel];
        (string, object)[] apart = groups == 1 ? [] : [("group", groups)];
        return Node("Conv", name, [x.Name, .. bias ? Weights(name, shape) : [graph.Weight(name + ".weight", shape)]],
            [channels, .. Slid(x, kernel, stride, padding)], [.. Window(kernel, stride, padding), .. apart]);
    }

    /// <summary>Normalises each channel over the batch; starts as PyTorch's does, with factors of 1.</summary>
    public GraphTensor BatchNorm(GraphTensor x, string name)
    {
        float[] zeros = new float[x.Shape[0]], ones = [.. zeros.Select(_ => 1f)];
        string[] weights =
        [
            .. new[] { (".weight", ones), (".bias", zeros), (".running_mean", zeros), (".running_var", ones) }
                .Select(w => graph.Initializer(name + w.Item1, TensorData.FromArray(w.Item2, new TensorShape(w.Item2.Length)))),
        ];
        return Node("BatchNormalization", name, [x.Name, .. weights], x.Shape);
    }

    public GraphTensor Relu(GraphTensor x, string name) => Node("Relu", name, [x.Name], x.Shape);

    /// <summary>ReLU that ends at 6.</summary>
    public GraphTensor Relu6(GraphTensor x, string name) =>
        Node("Clip", name, [x.Name, Number("relu6.min", 0), Number("relu6.max", 6)], x.Shape);

    /// <summary>ReLU that lets a share of what is below 0 through.</summary>
    /// <param name="slope">The share, from 0 to 1.</param>
    public GraphTensor LeakyRelu(GraphTensor x, string name, float slope) =>
        Node("LeakyRelu", name, [x.Name], x.Shape, ("alpha", slope));

    /// <summary>Repeats every value, for maps of so many times the sides.</summary>
    public GraphTensor Upsample(GraphTensor x, string name, int factor) => Node("Resize", name,
        [x.Name, "", Constant($"scales.{factor}", TensorData.FromArray([1f, 1, factor, factor], new TensorShape(4)))],
        [x.Shape[0], x.Shape[1] * factor, x.Shape[2] * factor],
        ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor"));

    /// <param name="share">Share 0..1 of the values that are dropped while learning.</param>
    public GraphTensor Dropout(GraphTensor x, string name, float share) =>
        Node("Dropout", name, [x.Name, Number("dropout.ratio", share)], x.Shape);

    public GraphTensor MaxPool(GraphTensor x, string name, int kernel) => Pool("MaxPool", x, name, kernel, kernel);

    public GraphTensor AveragePool(GraphTensor x, string name, int kernel) => Pool("AveragePool", x, name, kernel, kernel);

    /// <summary>The mean of each map: [C, 1, 1].</summary>
    public GraphTensor GlobalAveragePool(GraphTensor x, string name) =>
        Node("GlobalAveragePool", name, [x.Name], [x.Shape[0], .. x.Shape.Skip(1).Select(_ => 1L)]);

    /// <summary>
    /// Means over as many windows as are wanted, whatever the map's size: window i of n begins at ⌊i·size/n⌋ and ends before
    /// ⌈(i+1)·size/n⌉, as PyTorch's do. A pool where all windows are alike, else a mean for each window.
    /// </summary>
    public GraphTensor AdaptiveAveragePool(GraphTensor x, string name, int side)
    {
        (long height, long width) = (x.Shape[1], x.Shape[2]);
        if (height == width && Windows(height, side) is var windows && AreAlike(windows))
            return Pool("AveragePool", x, name, (int)(windows[0].End - windows[0].Begin), (int)(windows[1].Begin - windows[0].Begin));
        return Means(Means(x, name + ".rows", 1, side), name, 2, side);
    }

    public GraphTensor Flatten(GraphTensor x, string name) => Node("Flatten", name, [x.Name], [Product(x.Shape)], ("axis", 1));

    /// <param name="output">Name of the tensor, where it is not the layer's.</param>
    // PyTorch keeps a linear layer's weight as [outputs, inputs]; transB makes Gemm read it so.
    public GraphTensor Linear(GraphTensor x, string name, int outputs, string? output = null) =>
        Node("Gemm", output ?? name, [x.Name, .. Weights(name, outputs, x.Shape[0])], [outputs], ("transB", 1));

    /// <summary>Two branches of one shape, element by element.</summary>
    public GraphTensor Add(GraphTensor x, GraphTensor y, string name) => Node("Add", name, [x.Name, y.Name], x.Shape);

    /// <summary>Branches of one height and width, the channels of one after those of the other.</summary>
    public GraphTensor Concat(string name, params GraphTensor[] branches) =>
        Node("Concat", name, branches.Select(b => b.Name), [branches.Sum(b => b.Shape[0]), .. branches[0].Shape.Skip(1)], ("axis", 1));

    /// <summary>Marks the end of a part of the network; returns the tensor.</summary>
    public GraphTensor Ends(GraphTensor x, string label)
    {
        _stages.Add(KeyValuePair.Create(label, x.Name));
        return x;
    }

    /// <summary>Marks a head of a detector; returns the tensor.</summary>
    /// <param name="anchors">Places of its anchors among all of the network's.</param>
    public GraphTensor IsHead(GraphTensor x, params int[] anchors)
    {
        _heads.Add((x, anchors));
        return x;
    }

    private GraphTensor Pool(string op, GraphTensor x, string name, int kernel, int stride) =>
        Node(op, name, [x.Name], [x.Shape[0], .. Slid(x, kernel, stride, 0)], Window(kernel, stride, 0));

    /// <summary>A mean for each window along an axis, one after the other.</summary>
    /// <param name="axis">Axis of the shape without the batch.</param>
    private GraphTensor Means(GraphTensor x, string name, int axis, int side)
    {
        var means = new List<GraphTensor>();
        foreach ((long begin, long end) in Windows(x.Shape[axis], side))
        {
            string window = $"{name}.{means.Count}";
            GraphTensor part = Node("Slice", window + ".part", [x.Name, Index(begin), Index(end), Index(axis + 1)],
                x.Shape.SetItem(axis, end - begin));
            means.Add(Node("ReduceMean", window, [part.Name], x.Shape.SetItem(axis, 1), ("axes", new long[] { axis + 1 })));
        }

        return Node("Concat", name, means.Select(m => m.Name), x.Shape.SetItem(axis, side), ("axis", axis + 1));
    }

    private static (long Begin, long End)[] Windows(long size, int side) =>
        [.. Enumerable.Range(0, side).Select(i => (i * size / side, (((i + 1) * size) + side - 1) / side))];

    private static bool AreAlike((long Begin, long End)[] windows)
    {
        long length = windows[0].End - windows[0].Begin, step = windows[1].Begin - windows[0].Begin;
        return step > 0 && windows.Index().All(w => w.Item.Begin == w.Index * step && w.Item.End == w.Item.Begin + length);
    }

    private string Number(string name, float value) => Constant(name, TensorData.FromArray([value], TensorShape.Scalar));

    private string Index(long value) => Constant($"index.{value}", TensorData.FromArray([value], new TensorShape(1)));

    // One for all layers that use it.
    private string Constant(string name, TensorData data) =>
        _constants.TryGetValue(name, out string? known) ? known : _constants[name] = graph.Initializer(name, data);

    // A weight and a bias for each of its outputs.
    private string[] Weights(string layer, params ReadOnlySpan<long> shape) =>
        [graph.Weight(layer + ".weight", shape), graph.Weight(layer + ".bias", shape[0])];

    private GraphTensor Node(string op, string name, IEnumerable<string> inputs, ImmutableArray<long> shape,
        params ReadOnlySpan<(string, object)> attributes)
    {
        if (shape.Any(size => size < 1))
            throw tooSmall(name);
        var made = new GraphTensor(graph.Node(op, name, inputs, attributes), shape);
        _made.Add(made);
        return made;
    }

    private static (string, object)[] Window(int kernel, int stride, int padding) =>
    [
        ("kernel_shape", new long[] { kernel, kernel }),
        ("strides", new long[] { stride, stride }),
        ("pads", new long[] { padding, padding, padding, padding }),
    ];

    private static IEnumerable<long> Slid(GraphTensor x, int kernel, int stride, int padding) =>
        x.Shape.Skip(1).Select(size => (long)Math.Floor((size + (2.0 * padding) - kernel) / stride) + 1);

    private static long Product(ImmutableArray<long> shape) => shape.Aggregate(1L, (product, size) => product * size);
}
