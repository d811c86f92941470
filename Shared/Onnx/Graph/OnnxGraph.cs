using System.Collections.Frozen;
using System.Collections.Immutable;
using CnnOnnx.Onnx.Schema;

namespace CnnOnnx.Onnx;

/// <summary>
/// A graph that has been checked: every name is defined once and before its use, nodes stand in the order in which they
/// can run, initializers are as large as they say.
/// </summary>
public sealed class OnnxGraph
{
    private readonly FrozenDictionary<string, OnnxNode> _producers;
    private readonly FrozenDictionary<string, OnnxValue> _declared;

    internal OnnxGraph(GraphProto proto, GraphScope around)
    {
        GraphScope scope = around.Inner();
        Proto = proto;
        Name = proto.Name;
        Initializers = [.. proto.Initializer.Select(t => new OnnxTensor(t, scope.ModelSource))];
        Initializer = ByName(Initializers, t => t.Name, scope);

        // Before IR version 4 every initializer is listed as an input too; such an input has a default and is not asked for.
        Inputs = [.. proto.Input.Where(i => !Initializer.ContainsKey(i.Name)).Select(OnnxValue.From)];
        Outputs = [.. proto.Output.Select(OnnxValue.From)];
        _declared = ByName([.. proto.ValueInfo.Concat(proto.Output).Concat(proto.Input).Select(OnnxValue.From)]);

        Nodes = NodeOrder.Sort(proto, Inputs, Initializers, scope);
        _producers = Nodes.SelectMany(n => n.Outputs.Where(o => o.Length > 0).Select(o => (o, n)))
            .ToFrozenDictionary(p => p.o, p => p.n);

        foreach (OnnxValue output in Outputs)
            if (!scope.Defines(output.Name))
                throw new OnnxException(scope.ModelSource, $"output '{output.Name}' of graph '{Name}' is made by no node");
    }

    /// <summary>The graph's name in the file; may be empty.</summary>
    public string Name { get; }

    /// <summary>Inputs that a run has to be given: those declared without a default.</summary>
    public ImmutableArray<OnnxValue> Inputs { get; }

    /// <summary>Declared outputs, in the file's order.</summary>
    public ImmutableArray<OnnxValue> Outputs { get; }

    /// <summary>Nodes in an order in which they can run.</summary>
    public ImmutableArray<OnnxNode> Nodes { get; }

    /// <summary>Initializers, in the file's order.</summary>
    public ImmutableArray<OnnxTensor> Initializers { get; }

    /// <summary>The initializers by name.</summary>
    public IReadOnlyDictionary<string, OnnxTensor> Initializer { get; }

    internal GraphProto Proto { get; }

    /// <summary>Names of all tensors that nodes make, in the order in which they are made.</summary>
    public IEnumerable<string> NodeOutputs => Nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0);

    /// <summary>The nodes that have to run for some tensors, in order: nothing that these do not need.</summary>
    /// <param name="tensors">Names of the wanted tensors; a name that no node makes needs none.</param>
    public ImmutableArray<OnnxNode> NodesFor(IEnumerable<string> tensors) => NodesFor(tensors, [], NodeOrder.UsedNames);

    /// <summary>The nodes that have to run for some tensors when others are given, in order.</summary>
    /// <param name="tensors">Names of the wanted tensors.</param>
    /// <param name="given">Tensors that need no node, because they are given.</param>
    /// <param name="reads">The names that a node reads.</param>
    internal ImmutableArray<OnnxNode> NodesFor(
        IEnumerable<string> tensors, IReadOnlyCollection<string> given, Func<OnnxNode, IEnumerable<string>> reads)
    {
        var wanted = tensors.Except(given).ToHashSet();
        var needed = new Stack<OnnxNode>();
        foreach (OnnxNode node in Nodes.Reverse())
        {
            if (!node.Outputs.Any(wanted.Contains))
                continue;
            needed.Push(node);
            wanted.UnionWith(reads(node).Where(name => name.Length > 0).Except(given));
        }

        return [.. needed];
    }

    /// <summary>The node that makes a tensor; null for inputs, initializers and unknown names.</summary>
    /// <param name="tensor">Name of the tensor.</param>
    public OnnxNode? Producer(string tensor) => _producers.GetValueOrDefault(tensor);

    /// <summary>The file's declaration of a tensor: type and shape; null where there is none.</summary>
    /// <param name="tensor">Name of the tensor.</param>
    public OnnxValue? Declared(string tensor) => _declared.GetValueOrDefault(tensor);

    private static FrozenDictionary<string, OnnxTensor> ByName(
        ImmutableArray<OnnxTensor> tensors, Func<OnnxTensor, string> name, GraphScope scope)
    {
        var byName = new Dictionary<string, OnnxTensor>();
        foreach (OnnxTensor tensor in tensors)
            if (!byName.TryAdd(name(tensor), tensor))
                throw new OnnxException(scope.ModelSource, $"two initializers are named '{name(tensor)}'");
        return byName.ToFrozenDictionary();
    }

    // The later entry wins: an input says more reliably what it is than a value_info of the same name.
    private static FrozenDictionary<string, OnnxValue> ByName(ImmutableArray<OnnxValue> values)
    {
        var byName = new Dictionary<string, OnnxValue>();
        foreach (OnnxValue value in values)
            byName[value.Name] = value;
        return byName.ToFrozenDictionary();
    }
}
