using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>
/// Cuts a model down to what some tensors need. A runtime executes all of a graph, whatever is fetched from it; to ask for
/// less has to mean to run less. Weights stay where they are, in the model's file.
/// </summary>
internal static class GraphCut
{
    private const string SizePrefix = "cnnonnx.size.";

    /// <summary>The bytes of what <see cref="Of"/> makes.</summary>
    public static byte[] Apply(OnnxModel model, IReadOnlyList<string> outputs) => Of(model, outputs).ToByteArray();

    /// <summary>
    /// A model whose outputs are these tensors and which has no node more than they need. Its nodes are the model's own messages.
    /// </summary>
    /// <remarks>
    /// Weights are references into the model's own file and into files beside it; a session over it has to be told the
    /// model's folder.
    /// </remarks>
    /// <param name="model">Stays as it is.</param>
    /// <param name="outputs">Names of tensors.</param>
    /// <param name="partOf">
    /// When the cut is one of several that make these tensors together: it then computes to the last bit what one cut for all
    /// of them would. A runtime fuses a node with the only user of its result, so a tensor that has a further user, or is an
    /// output, elsewhere keeps a user here: its size, which costs nothing.
    /// </param>
    public static ModelProto Of(OnnxModel model, IReadOnlyList<string> outputs, IReadOnlyList<string>? partOf = null)
    {
        ModelProto cut = model.Proto.Clone();
        GraphProto graph = cut.Graph;
        OnnxNode[] nodes = [.. model.Graph.NodesFor(outputs)];
        HashSet<string> used = [.. nodes.SelectMany(NodeOrder.UsedNames), .. outputs];

        graph.Node.Clear();
        graph.Node.AddRange(nodes.Select(n => n.Proto));
        // Before IR version 4 a weight is listed as an input, too; without its value it would have to be given.
        HashSet<string> unused = [.. graph.Initializer.Select(t => t.Name).Where(name => !used.Contains(name))];
        Keep(graph.Input, [.. graph.Input.Select(i => i.Name).Where(name => !unused.Contains(name))], i => i.Name);
        Keep(graph.Initializer, used, t => t.Name);
        Keep(graph.SparseInitializer, used, t => t.Values?.Name ?? "");
        Keep(graph.ValueInfo, [.. nodes.SelectMany(n => n.Outputs)], v => v.Name);
        graph.QuantizationAnnotation.Clear();

        graph.Output.Clear();
        // Only what was an output before has a declaration that a runtime has already agreed with; for the rest it infers.
        Dictionary<string, ValueInfoProto> declared = model.Proto.Graph.Output.DistinctBy(o => o.Name).ToDictionary(o => o.Name);
        graph.Output.AddRange(outputs.Select(name => declared.GetValueOrDefault(name) ?? new ValueInfoProto { Name = name }));
        var types = new GraphTypes(model.Graph.Proto);
        // A sequence has no size, and is fused with nothing.
        foreach (string name in UsedElsewhere(model.Graph, nodes, outputs, partOf
            ?? []).Where(name => types.Of(name) != ElementType.Undefined))
            AddSize(graph, name, types.Of(name));
        return cut;
    }

    /// <summary>The tensors that a cut of these nodes makes anyway: asking for them costs nothing.</summary>
    public static IEnumerable<string> Free(OnnxGraph graph, IReadOnlyList<string> outputs, IEnumerable<string> candidates)
    {
        HashSet<OnnxNode> nodes = [.. graph.NodesFor(outputs)];
        return candidates.Where(name => graph.Producer(name) is not { } producer || nodes.Contains(producer));
    }

    private static IEnumerable<string> UsedElsewhere(
        OnnxGraph graph, OnnxNode[] nodes, IReadOnlyList<string> outputs, IReadOnlyList<string> partOf)
    {
        HashSet<string> elsewhere = [.. graph.NodesFor(partOf).Except(nodes).SelectMany(NodeOrder.UsedNames), .. partOf];
        elsewhere.ExceptWith(outputs);
        return nodes.SelectMany(n => n.Outputs).Where(elsewhere.Contains);
    }

    private static void AddSize(GraphProto graph, string tensor, ElementType type)
    {
        string measured = tensor;
        // Where the runtime computes with more bits than a tensor has, it rounds it only for a user that takes it as it is.
        // Flatten is one, and only looks at the tensor in another way.
        if (type is ElementType.Float16 or ElementType.BFloat16)
        {
            measured = SizePrefix + "flat." + tensor;
            var axis = new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 0 };
            graph.Node.Add(new NodeProto { OpType = "Flatten", Input = { tensor }, Output = { measured }, Attribute = { axis } });
        }

        graph.Node.Add(new NodeProto { OpType = "Size", Input = { measured }, Output = { SizePrefix + tensor } });
        graph.Output.Add(new ValueInfoProto { Name = SizePrefix + tensor });
    }

    private static void Keep<T>(Google.Protobuf.Collections.RepeatedField<T> items, HashSet<string> names, Func<T, string> name)
    {
        T[] kept = [.. items.Where(item => names.Contains(name(item)))];
        items.Clear();
        items.AddRange(kept);
    }
}
