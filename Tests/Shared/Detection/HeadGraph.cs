using CnnOnnx.Detection;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Tests.Detection;

/// <summary>A model that emits a head worked by hand, whatever picture it is given, so that layouts without a file can be tested.</summary>
internal sealed class HeadGraph
{
    private readonly GraphBuilder _graph = new("head");
    private readonly Dictionary<string, float[]> _values = [];
    private readonly string _zero;
    private int _made;

    /// <param name="shape">Axes of the input, such as [1, 3, 32, 32].</param>
    /// <param name="input">Name of the input.</param>
    /// <param name="normalizes">The graph subtracts a mean before its first convolution, as torchvision's detectors do.</param>
    public HeadGraph(long[] shape, string input = "images", bool normalizes = false)
    {
        _graph.Input(input, ElementType.Float, [.. shape.Select(size => size < 0 ? new Dimension(null) : new Dimension(size))]);
        string picture = input;
        if (normalizes)
            picture = Node("Sub", [picture, Constant([0.5f], [1])]);
        if (shape.Length == 3)
            picture = Node("Unsqueeze", [picture, Constant(new long[] { 0 }, [1])]);
        if (shape[^1] == 3)
            picture = Node("Transpose", [picture], ("perm", new long[] { 0, 3, 1, 2 }));
        // A convolution, below which no operator is the head's, that makes nothing of the picture.
        string nothing = Node("Conv", [picture, Constant(new float[3], [1, 3, 1, 1])]);
        nothing = Node("GlobalAveragePool", [nothing]);
        _zero = Node("Reshape", [nothing, Constant(new long[] { 1 }, [1])]);
    }

    /// <summary>Metadata of the file, such as names of the classes.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>A float output with these values.</summary>
    /// <param name="name">Name of the output.</param>
    /// <param name="values">Its elements, the last axis fastest.</param>
    /// <param name="shape">Its axes.</param>
    /// <param name="operators">Operators that have to stand before it, and do nothing here.</param>
    public HeadGraph Emit(string name, float[] values, long[] shape, params string[] operators)
    {
        string tensor = Node("Add", [Constant(values, shape), _zero]);
        foreach (string op in operators)
            tensor = Through(op, tensor);
        _values[name] = values;
        _graph.Node("Identity", name, [tensor]);
        _graph.Output(name, ElementType.Float, [.. shape.Select(size => new Dimension(size))]);
        return this;
    }

    /// <summary>A float output that is joined of columns: [1, rows, 4], [1, rows, 1], [1, rows, 1].</summary>
    public HeadGraph EmitJoined(string name, float[] values, long[] shape, params int[] widths)
    {
        var parts = new List<string>();
        int width = (int)shape[^1], from = 0;
        foreach (int columns in widths)
        {
            int first = from;
            float[] part = [.. values.Where((_, i) => i % width >= first && i % width < first + columns)];
            parts.Add(Node("Add", [Constant(part, [.. shape[..^1], columns]), _zero]));
            from += columns;
        }

        _values[name] = values;
        _graph.Node("Concat", name, parts, ("axis", shape.Length - 1));
        _graph.Output(name, ElementType.Float, [.. shape.Select(size => new Dimension(size))]);
        return this;
    }

    /// <summary>An int64 output.</summary>
    public HeadGraph EmitIntegers(string name, float[] values, long[] shape)
    {
        _values[name] = values;
        _graph.Node("Cast", name, [Node("Add", [Constant(values, shape), _zero])], ("to", (int)ElementType.Int64));
        _graph.Output(name, ElementType.Int64, [.. shape.Select(size => new Dimension(size))]);
        return this;
    }

    /// <summary>One more input, which nothing reads.</summary>
    public HeadGraph WithInput(string name, params long[] shape)
    {
        _graph.Input(name, ElementType.Float, [.. shape.Select(size => new Dimension(size))]);
        return this;
    }

    /// <summary>A suppression somewhere in the graph, as in exports that end with it.</summary>
    public HeadGraph WithSuppression()
    {
        Node("NonMaxSuppression", [Constant(new float[4], [1, 1, 4]), Constant(new float[1], [1, 1, 1])]);
        return this;
    }

    public OnnxModel Build(ModelCard? card = null)
    {
        ModelProto proto = _graph.Build(card).Proto;
        foreach ((string key, string value) in Metadata)
            proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return new OnnxModel(proto, "head");
    }

    /// <summary>Boxes that are found in a black picture. The first box's origin must be elements that were emitted.</summary>
    public Detections Detect(Size picture, DetectorOptions? options = null, ModelCard? card = null)
    {
        using Detector detector = Detector.Open(Build(card), options);
        using var black = new Mat(picture, MatType.CV_8UC3, Scalar.Black);
        return detector.Detect(black);
    }

    /// <summary>Values of the elements that a box comes from.</summary>
    public float[] ValuesAt(TensorElements elements) => [.. elements.Elements.Select(place => _values[elements.Tensor][place])];

    private string Through(string op, string tensor) => op switch
    {
        "Mul" => Node("Mul", [tensor, Constant([1f], [1])]),
        "Sub" => Node("Sub", [tensor, _zero]),
        "Exp" => Node("Add", [tensor, Node("Sub", [Node("Exp", [_zero]), Constant([1f], [1])])]),
        "Sigmoid" => Node("Add", [tensor, Node("Sub", [Node("Sigmoid", [_zero]), Constant([0.5f], [1])])]),
        "Softmax" => Node("Add", [tensor, Node("Sub", [Node("Softmax", [_zero]), Constant([1f], [1])])]),
        "Concat" => Node("Concat", [tensor], ("axis", 0)),
        _ => throw new ArgumentException(op, nameof(op)),
    };

    private string Constant(float[] values, long[] shape) =>
        _graph.Initializer($"constant{_made++}", TensorData.FromArray(values, new TensorShape(shape)));

    private string Constant(long[] values, long[] shape) =>
        _graph.Initializer($"constant{_made++}", TensorData.FromArray(values, new TensorShape(shape)));

    private string Node(string op, string[] inputs, params ReadOnlySpan<(string Name, object Value)> attributes) =>
        _graph.Node(op, $"made{_made++}", inputs, attributes);
}

/// <summary>Rows of numbers that are zero but for a few, as heads are worked by hand.</summary>
internal static class Rows
{
    /// <summary>[rows, width] with some rows filled.</summary>
    public static float[] Of(int rows, int width, params (int Row, float[] Values)[] filled)
    {
        float[] values = new float[rows * width];
        foreach ((int row, float[] numbers) in filled)
            numbers.CopyTo(values, row * width);
        return values;
    }

    /// <summary>[width, rows]: the same with a plane for each column.</summary>
    public static float[] AsPlanes(int rows, int width, params (int Row, float[] Values)[] filled)
    {
        float[] values = new float[rows * width];
        foreach ((int row, float[] numbers) in filled)
            for (int column = 0; column < numbers.Length; column++)
                values[column * rows + row] = numbers[column];
        return values;
    }
}
