using System.Collections.Immutable;
using System.Globalization;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>One operation of a graph. Attributes are read with the kind that the operator's specification gives them.</summary>
public sealed class OnnxNode
{
    private const string OpsetKey = "cnnonnx.opset";

    private readonly NodeProto _proto;
    private readonly GraphScope _scope;

    internal OnnxNode(NodeProto proto, GraphScope scope, string name)
    {
        (_proto, _scope, Name) = (proto, scope, name);
        Inputs = [.. proto.Input];
        Outputs = [.. proto.Output];
    }

    /// <summary>Unique in the graph: as the file has it, or made from the first output where it has none.</summary>
    public string Name { get; }

    /// <summary>Type of the operator, such as Conv.</summary>
    public string OpType => _proto.OpType;

    /// <summary>Empty for ai.onnx.</summary>
    public string Domain => _proto.Domain == "ai.onnx" ? "" : _proto.Domain;

    /// <summary>Version of the node's domain that the model imports, or that the function did which the node comes from.</summary>
    public long Opset => _proto.MetadataProps.FirstOrDefault(p => p.Key == OpsetKey) is { } kept
        && long.TryParse(kept.Value, CultureInfo.InvariantCulture, out long version)
            ? version
            : _scope.Opset(Domain);

    /// <summary>Tensor names; empty where an optional input is left out.</summary>
    public ImmutableArray<string> Inputs { get; }

    /// <summary>Tensor names; empty where an optional output is not wanted.</summary>
    public ImmutableArray<string> Outputs { get; }

    /// <summary>It comes from a function that was written for another version of the operators than the model.</summary>
    internal bool HasOwnOpset => _proto.MetadataProps.Any(p => p.Key == OpsetKey);

    internal string ModelSource => _scope.ModelSource;

    internal NodeProto Proto => _proto;

    /// <summary>The node as it stands in a file.</summary>
    internal byte[] ToBytes() => _proto.ToByteArray();

    /// <summary>A name as the file has it, or made from the first output.</summary>
    internal static string NameOf(NodeProto node) => node.Name.Length > 0 ? node.Name
        : $"{node.OpType}_{node.Output.FirstOrDefault(o => o.Length > 0)}";

    /// <summary>Marks a node of a function that was written for another version than the model imports.</summary>
    internal static void KeepOpset(NodeProto node, long version) =>
        node.MetadataProps.Add(new StringStringEntryProto { Key = OpsetKey, Value = version.ToString(CultureInfo.InvariantCulture) });

    internal bool HasInput(int index) => index < Inputs.Length && Inputs[index].Length > 0;

    internal bool HasAttribute(string name) => Find(name) is not null;

    internal long Int(string name, long missing) => Find(name, AttributeProto.Types.AttributeType.Int)?.I ?? missing;

    internal float Float(string name, float missing) => Find(name, AttributeProto.Types.AttributeType.Float)?.F ?? missing;

    internal string Text(string name, string missing) =>
        Find(name, AttributeProto.Types.AttributeType.String)?.S.ToStringUtf8() ?? missing;

    internal long[]? Ints(string name) => Find(name, AttributeProto.Types.AttributeType.Ints)?.Ints.ToArray();

    internal float[]? Floats(string name) => Find(name, AttributeProto.Types.AttributeType.Floats)?.Floats.ToArray();

    internal string[]? Texts(string name) =>
        Find(name, AttributeProto.Types.AttributeType.Strings)?.Strings.Select(s => s.ToStringUtf8()).ToArray();

    internal OnnxTensor? Tensor(string name) =>
        Find(name, AttributeProto.Types.AttributeType.Tensor) is { T: { } tensor } ? new OnnxTensor(tensor, ModelSource) : null;

    /// <summary>A sparse tensor: its shape, its values, and the places where they stand.</summary>
    internal (TensorShape Shape, OnnxTensor Values, OnnxTensor Indices)? Sparse(string name) =>
        Find(name, AttributeProto.Types.AttributeType.SparseTensor)?.SparseTensor is { Values: not null, Indices: not null } sparse
            ? (new TensorShape([.. sparse.Dims]), new OnnxTensor(sparse.Values, ModelSource), new OnnxTensor(sparse.Indices, ModelSource))
            : null;

    /// <summary>A body of If, Loop or Scan: it may use the names of the graphs around it.</summary>
    internal OnnxGraph? Subgraph(string name) =>
        Find(name, AttributeProto.Types.AttributeType.Graph) is { G: { } body } ? new OnnxGraph(body, _scope) : null;

    /// <summary>All bodies, by attribute name.</summary>
    internal IEnumerable<(string Attribute, OnnxGraph Graph)> Subgraphs() =>
        _proto.Attribute.Where(a => a.G is not null).Select(a => (a.Name, new OnnxGraph(a.G, _scope)));

    /// <summary>All bodies and their nodes as they stand in the file: nothing about them has been checked.</summary>
    internal IEnumerable<(GraphProto Body, IEnumerable<OnnxNode> Nodes)> Bodies() =>
        _proto.Attribute.Where(a => a.G is not null).Select(a =>
            (a.G, a.G.Node.Select(inner => new OnnxNode(inner, _scope, NameOf(inner)))));

    /// <summary>Names that the node's bodies take from the graphs around them.</summary>
    internal IEnumerable<string> Captured => NodeOrder.Captured(_proto);

    /// <summary>A node and the nodes of its bodies, at any depth.</summary>
    internal IEnumerable<OnnxNode> WithBodies() =>
        Subgraphs().SelectMany(body => body.Graph.Nodes).SelectMany(inner => inner.WithBodies()).Prepend(this);

    /// <summary>Makes an exception to throw about the node: it says which file and which node.</summary>
    internal OnnxException Error(string problem, Exception? inner = null) =>
        new(ModelSource, $"{this}: {problem}", inner) { Node = Name, Operator = OpType };

    /// <summary>Name, operator and opset, as messages quote a node.</summary>
    public override string ToString() => $"node '{Name}' ({(Domain.Length > 0 ? Domain + "." : "")}{OpType}, opset {Opset})";

    private AttributeProto? Find(string name) => _proto.Attribute.FirstOrDefault(a => a.Name == name);

    private AttributeProto? Find(string name, AttributeProto.Types.AttributeType kind)
    {
        AttributeProto? found = Find(name);
        // Files of IR version 1 and 2 leave the kind out.
        if (found is not null && found.Type != kind && found.Type != AttributeProto.Types.AttributeType.Undefined)
            throw Error($"attribute '{name}' is {found.Type}, expected {kind}");
        return found;
    }
}
