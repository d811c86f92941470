using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Import;

/// <summary>Feature maps in a graph that is built.</summary>
/// <param name="Name">Name of the tensor [N, C, H, W], or [N, C] where <see cref="IsFlat"/>.</param>
internal readonly record struct Maps(string Name, long Channels, long Height, long Width)
{
    /// <summary>The tensor has no axes for rows and columns.</summary>
    public bool IsFlat { get; init; }

    /// <summary>Number of elements of one picture.</summary>
    public long Count => Channels * Height * Width;

    public override string ToString() => $"{Channels}x{Height}x{Width}";
}

/// <summary>A run of values in a file of weights.</summary>
/// <param name="Name">Name of the initializer that they become.</param>
/// <param name="Count">Number of values.</param>
/// <param name="Layer">The layer that has them.</param>
/// <param name="Rows">Rows of the matrix that they are.</param>
/// <param name="Flipped">True where the file has the matrix's columns as rows; null where the file's version says so.</param>
internal sealed record DarknetValues(string Name, long Count, CfgSection Layer, long Rows, bool? Flipped);

/// <summary>What the layers of a cfg add to: a graph, its weights in the file's order, the heads of a detector.</summary>
internal sealed class DarknetGraph
{
    private const long MostSide = 65536;
    private const long MostElements = 1L << 31;

    private readonly GraphBuilder _graph;
    private readonly List<Maps> _outputs = [];
    private readonly List<DarknetValues> _values = [];
    private readonly List<DetectionHead> _heads = [];

    /// <param name="graph">Graph with an input.</param>
    /// <param name="input">The input.</param>
    /// <param name="epsilon">What is added to a variance inside the root.</param>
    public DarknetGraph(GraphBuilder graph, Maps input, double epsilon) => (_graph, Input, Epsilon) = (graph, input, epsilon);

    public Maps Input { get; }

    public double Epsilon { get; }

    /// <summary>Outputs of the layers so far, by number.</summary>
    public IReadOnlyList<Maps> Outputs => _outputs;

    /// <summary>The output of the layer before, or the input.</summary>
    public Maps Last => _outputs.Count > 0 ? _outputs[^1] : Input;

    /// <summary>Weights in the file's order.</summary>
    public IReadOnlyList<DarknetValues> Values => _values;

    public IReadOnlyList<DetectionHead> Heads => _heads;

    /// <summary>Number of classes of the heads.</summary>
    public int Classes { get; private set; }

    /// <summary>Layout of the heads; empty without any.</summary>
    public string Layout { get; private set; } = "";

    public void Add(CfgSection layer, Maps output)
    {
        if (output.Height < 1 || output.Width < 1)
            throw layer.Fault($"nothing is left of {Last}: its output would be {output}; expected a larger input");
        if (output.Height > MostSide || output.Width > MostSide || output.Count > MostElements)
            throw layer.Fault($"its output would be {output}, expected sides up to {MostSide} and at most {MostElements} values");
        _outputs.Add(output);
    }

    public void AddHead(CfgSection layer, string layout, int classes, DetectionHead head)
    {
        if (_heads.Count > 0 && (Layout != layout || Classes != classes))
            throw layer.Fault($"a head of layout {layout} with {classes} classes behind one of {Layout} with {Classes}");
        (Layout, Classes) = (layout, classes);
        _heads.Add(head);
    }

    /// <summary>Weights that the file has next; returns their name.</summary>
    /// <param name="rows">Rows of the matrix, and whether the file has it the other way round; null: when its version says so.</param>
    public string Weight(CfgSection layer, string name, (long Rows, bool? Flipped) rows, params ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long size in shape)
            count = checked(count * size);
        if (count > int.MaxValue / sizeof(float))
            throw layer.Fault($"has {count} weights in one tensor, expected at most {int.MaxValue / sizeof(float)}");
        _values.Add(new DarknetValues(name, count, layer, rows.Rows, rows.Flipped));
        return _graph.Weight(name, shape);
    }

    /// <inheritdoc cref="Weight(CfgSection, string, ValueTuple{long, bool?}, ReadOnlySpan{long})"/>
    public string Weight(CfgSection layer, string name, params ReadOnlySpan<long> shape) => Weight(layer, name, (1, false), shape);

    public string Numbers(string name, params long[] numbers) =>
        _graph.Initializer(name, TensorData.FromArray(numbers, new TensorShape(numbers.Length)));

    public string Number(string name, double number) =>
        _graph.Initializer(name, TensorData.FromArray([(float)number], TensorShape.Scalar));

    public string Floats(string name, params float[] numbers) =>
        _graph.Initializer(name, TensorData.FromArray(numbers, new TensorShape(numbers.Length)));

    /// <summary>A node; its name is its output's.</summary>
    public string Node(string op, string name, IEnumerable<string> inputs, params ReadOnlySpan<(string, object)> attributes) =>
        _graph.Node(op, name, inputs, attributes);

    /// <summary>The same values with axes for rows and columns.</summary>
    public Maps Spatial(Maps x, string name) => !x.IsFlat ? x : new Maps(
        Node("Reshape", $"maps_{name}", [x.Name, Numbers($"maps_{name}.shape", 0, x.Channels, x.Height, x.Width)]),
        x.Channels, x.Height, x.Width);

    /// <summary>The same values in a row for each picture.</summary>
    public Maps Flat(Maps x, string name) => x.IsFlat ? x
        : new Maps(Node("Flatten", $"flatten_{name}", [x.Name], ("axis", 1)), x.Count, 1, 1) { IsFlat = true };
}
