using System.Collections.Immutable;
using CnnOnnx.Onnx;

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

    /// <summary>All tensors but the input, in order.</summary>
    public IReadOnlyList<GraphTensor> Made => _made;

    /// <summary>Label and tensor of each part of the network, for the model card.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Stages => _stages;

    /// <param name="name">Name of the tensor; with .weight and .bias behind it, of the weights.</param>
    /// <param name="padding">Zeros on every side.</param>
    public GraphTensor Conv(GraphTensor x, string name, int channels, int kernel, int stride = 1, int padding = 0) =>
        Node("Conv", name, [x.Name, .. Weights(name, channels, x.Shape[0], kernel, kernel)],
            [channels, .. Slid(x, kernel, stride, padding)], Window(kernel, stride, padding));

    public GraphTensor Relu(GraphTensor x, string name) => Node("Relu", name, [x.Name], x.Shape);

    public GraphTensor MaxPool(GraphTensor x, string name, int kernel) => Pool("MaxPool", x, name, kernel);

    public GraphTensor AveragePool(GraphTensor x, string name, int kernel) => Pool("AveragePool", x, name, kernel);

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

    private GraphTensor Pool(string op, GraphTensor x, string name, int kernel) =>
        Node(op, name, [x.Name], [x.Shape[0], .. Slid(x, kernel, kernel, 0)], Window(kernel, kernel, 0));

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
