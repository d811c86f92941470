using CnnOnnx.Onnx.Schema;
using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>
/// Cuts a model down to what some tensors need. A runtime executes all of a graph, whatever is fetched from it; to ask for
/// less has to mean to run less. Weights stay where they are, in the model's file.
/// </summary>
internal static class GraphCut
{
    /// <summary>The bytes of a model whose outputs are these tensors and which has no node more than they need.</summary>
    /// <remarks>
    /// Weights are references into the model's own file and into files beside it; a session over these bytes has to be told
    /// the model's folder.
    /// </remarks>
    public static byte[] Apply(OnnxModel model, IReadOnlyList<string> outputs)
    {
        ModelProto cut = model.Proto.Clone();
        GraphProto graph = cut.Graph;
        OnnxNode[] nodes = [.. model.Graph.NodesFor(outputs)];
        HashSet<string> used = [.. nodes.SelectMany(NodeOrder.UsedNames), .. outputs];

        graph.Node.Clear();
        graph.Node.AddRange(nodes.Select(n => n.Proto));
        Keep(graph.Initializer, used, t => t.Name);
        Keep(graph.SparseInitializer, used, t => t.Values?.Name ?? "");
        Keep(graph.ValueInfo, [.. nodes.SelectMany(n => n.Outputs)], v => v.Name);
        graph.QuantizationAnnotation.Clear();

        graph.Output.Clear();
        // Only what was an output before has a declaration that a runtime has already agreed with; for the rest it infers.
        Dictionary<string, ValueInfoProto> declared = model.Proto.Graph.Output.ToDictionary(o => o.Name);
        graph.Output.AddRange(outputs.Select(name => declared.GetValueOrDefault(name) ?? new ValueInfoProto { Name = name }));
        return cut.ToByteArray();
    }

    private static void Keep<T>(Google.Protobuf.Collections.RepeatedField<T> items, HashSet<string> names, Func<T, string> name)
    {
        T[] kept = [.. items.Where(item => names.Contains(name(item)))];
        items.Clear();
        items.AddRange(kept);
    }
}
