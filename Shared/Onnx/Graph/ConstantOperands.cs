using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>The few numbers in a graph that no input changes: small initializers, and what Constant nodes make.</summary>
internal sealed class ConstantOperands
{
    /// <summary>More numbers than any operand of an entry an axis has.</summary>
    public const long MostDeclared = 1 << 16;

    // Shapes, counts and bounds have an entry an axis; what is larger is a weight.
    private const int MostNumbers = 64;

    private readonly Dictionary<string, TensorProto?> _tensors = [];
    private readonly Dictionary<string, long> _vast = [];
    private readonly ConstantOperands? _around;
    private readonly string _modelSource;

    /// <param name="graph">The graph.</param>
    /// <param name="modelSource">The model's file, for messages.</param>
    /// <param name="around">Constants of the graph that this one is a body in; null for none.</param>
    public ConstantOperands(GraphProto graph, string modelSource, ConstantOperands? around = null)
    {
        (_around, _modelSource) = (around, modelSource);
        foreach (ValueInfoProto input in graph.Input)
            _tensors[input.Name] = null;
        foreach (TensorProto initializer in graph.Initializer)
            _tensors[initializer.Name] = initializer;
        foreach (NodeProto node in graph.Node)
            if (node is { OpType: "Constant", Output.Count: 1, Attribute.Count: 1 })
                _tensors[node.Output[0]] = ValueOf(node.Attribute[0]);
        foreach (ValueInfoProto value in graph.Input.Concat(graph.ValueInfo).Concat(graph.Output))
            if (value.Type?.TensorType?.Shape?.Dim is [{ DimValue: > MostDeclared and var length }])
                _vast[value.Name] = length;
    }

    /// <summary>
    /// How many numbers the file declares an operand to have, where these are more than <see cref="MostDeclared"/>; else null. A runtime
    /// believes it of a shape before it runs: it makes room for as many axes.
    /// </summary>
    public long? DeclaredBeyond(OnnxNode node, int input) => !node.HasInput(input) ? null
        : _vast.TryGetValue(node.Inputs[input], out long length) ? length
        : _around?.DeclaredBeyond(node, input);

    /// <summary>The numbers of an operand; null where they are not known before a run, or are too many to be counts.</summary>
    /// <exception cref="OnnxException">The tensor is broken.</exception>
    public double[]? Of(OnnxNode node, int input) => node.HasInput(input) ? Of(node.Inputs[input]) : null;

    /// <inheritdoc cref="Of(OnnxNode, int)"/>
    public double[]? Of(string name)
    {
        if (!_tensors.TryGetValue(name, out TensorProto? proto))
            return _around?.Of(name);
        if (proto is null || proto.DataLocation == TensorProto.Types.DataLocation.External)
            return null;
        var tensor = new OnnxTensor(proto, _modelSource);
        if (!tensor.HasData || tensor.Shape.Count > MostNumbers || !FloatConversion.CanConvert(tensor.ElementType))
            return null;
        TensorData data = tensor.Load();
        // In full: what an integer has too much is what is looked for here.
        return data.Type == ElementType.Int64
            ? [.. data.As<long>().ToArray().Select(value => (double)value)]
            : [.. data.ToFloats().Select(value => (double)value)];
    }

    private static TensorProto? ValueOf(AttributeProto value) => value.Name switch
    {
        "value" => value.T,
        "value_int" => new TensorProto { DataType = (int)ElementType.Int64, Int64Data = { value.I } },
        "value_ints" => new TensorProto { DataType = (int)ElementType.Int64, Dims = { value.Ints.Count }, Int64Data = { value.Ints } },
        "value_float" => new TensorProto { DataType = (int)ElementType.Float, FloatData = { value.F } },
        "value_floats" => new TensorProto
        {
            DataType = (int)ElementType.Float,
            Dims = { value.Floats.Count },
            FloatData = { value.Floats }
        },
        _ => null,
    };
}
