using System.Collections.Immutable;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>Builds an ONNX graph node by node. Every method that makes a tensor returns its name.</summary>
internal sealed class GraphBuilder
{
    // Opset 17 has everything that convolutional networks need and is read by every runtime of the last years.
    public const int DefaultOpset = 17;
    private const int IrVersion = 8;

    private readonly ModelProto _model = new() { IrVersion = IrVersion, ProducerName = "CnnOnnx", Graph = new GraphProto() };

    public GraphBuilder(string name, int opset = DefaultOpset)
    {
        _model.Graph.Name = name;
        _model.ProducerVersion = typeof(GraphBuilder).Assembly.GetName().Version!.ToString(3);
        _model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
    }

    private GraphProto Graph => _model.Graph;

    /// <summary>A graph input; dimensions are sizes or symbols, such as ["N", 3, 224, 224].</summary>
    public string Input(string name, ElementType type, params ImmutableArray<Dimension> shape)
    {
        Graph.Input.Add(new OnnxValue { Name = name, Kind = OnnxValueKind.Tensor, ElementType = type, Shape = shape }.ToProto());
        return name;
    }

    /// <summary>A graph output.</summary>
    public void Output(string name, ElementType type, params ImmutableArray<Dimension> shape) =>
        Graph.Output.Add(new OnnxValue { Name = name, Kind = OnnxValueKind.Tensor, ElementType = type, Shape = shape }.ToProto());

    /// <summary>A float weight that has a shape and no values yet; whoever trains it gives it some.</summary>
    public string Weight(string name, params ReadOnlySpan<long> shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)ElementType.Float };
        tensor.Dims.AddRange(shape.ToArray());
        Graph.Initializer.Add(tensor);
        return name;
    }

    public string Initializer(string name, TensorData data)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)data.Type, RawData = ByteString.CopyFrom(data.Bytes.Span) };
        tensor.Dims.AddRange(data.Shape.Dims);
        Graph.Initializer.Add(tensor);
        return name;
    }

    /// <summary>A node with one output; the output's name is also the node's.</summary>
    public string Node(string opType, string output, IEnumerable<string> inputs,
        params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        Node(opType, "", output, inputs, [output], attributes);
        return output;
    }

    public void Node(string opType, string domain, string name, IEnumerable<string> inputs, IEnumerable<string> outputs,
        params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var node = new NodeProto { Name = name, OpType = opType };
        if (domain.Length > 0)
            node.Domain = domain;
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        foreach ((string attribute, object value) in attributes)
            node.Attribute.Add(Attribute(attribute, value));
        Graph.Node.Add(node);
    }

    /// <exception cref="OnnxException">The graph is not valid: a name used and not made, made twice, a cycle.</exception>
    public OnnxModel Build(ModelCard? card = null)
    {
        card?.WriteTo(_model.MetadataProps);
        return new OnnxModel(_model.Clone(), Graph.Name);
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case int or long:
                attribute.I = Convert.ToInt64(value, null);
                attribute.Type = AttributeProto.Types.AttributeType.Int;
                break;
            case float or double:
                attribute.F = Convert.ToSingle(value, null);
                attribute.Type = AttributeProto.Types.AttributeType.Float;
                break;
            case string text:
                attribute.S = ByteString.CopyFromUtf8(text);
                attribute.Type = AttributeProto.Types.AttributeType.String;
                break;
            case long[] or int[]:
                attribute.Ints.AddRange(value as long[] ?? [.. ((int[])value).Select(i => (long)i)]);
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                break;
            case float[] floats:
                attribute.Floats.AddRange(floats);
                attribute.Type = AttributeProto.Types.AttributeType.Floats;
                break;
            case string[] texts:
                attribute.Strings.AddRange(texts.Select(ByteString.CopyFromUtf8));
                attribute.Type = AttributeProto.Types.AttributeType.Strings;
                break;
            case TensorData tensor:
                attribute.T = new TensorProto { DataType = (int)tensor.Type, RawData = ByteString.CopyFrom(tensor.Bytes.Span) };
                attribute.T.Dims.AddRange(tensor.Shape.Dims);
                attribute.Type = AttributeProto.Types.AttributeType.Tensor;
                break;
            case GraphBuilder body:
                attribute.G = body.Graph.Clone();
                attribute.Type = AttributeProto.Types.AttributeType.Graph;
                break;
            default:
                throw new ArgumentException($"Attribute '{name}' has a value of type {value.GetType().Name}.", nameof(value));
        }

        return attribute;
    }
}
