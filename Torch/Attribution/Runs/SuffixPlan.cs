using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Cuts a graph at some tensors: what follows them up to the targets is the suffix. What the suffix reads from in front of the
/// cut, also past the tensors by a skip connection, is handed to it.
/// </summary>
/// <param name="Handed">Tensors that nodes in front make and that depend on the input.</param>
/// <param name="Constants">Tensors that nodes in front make and that are the same for every input.</param>
/// <param name="Inputs">Inputs of the graph that the suffix reads.</param>
/// <param name="Nodes">Nodes of the suffix, in order.</param>
internal sealed record SuffixPlan(string[] Handed, string[] Constants, string[] Inputs, OnnxNode[] Nodes)
{
    /// <param name="graph">A graph without calls of local functions.</param>
    /// <param name="cut">Tensors at which the graph is cut: tensors of nodes, or inputs.</param>
    /// <param name="targets">Tensors that the suffix makes.</param>
    public static SuffixPlan Behind(OnnxGraph graph, IReadOnlyCollection<string> cut, IReadOnlyCollection<string> targets)
    {
        HashSet<string> behind = [.. cut], made = [];
        HashSet<string> read = [.. cut, .. targets];
        var suffix = new List<OnnxNode>();
        foreach (OnnxNode node in graph.NodesFor([.. cut, .. targets], [], node => CompiledGraph.Reads(node, graph)))
        {
            string[] reads = [.. CompiledGraph.Reads(node, graph).Where(name => name.Length > 0)];
            if (!reads.Any(behind.Contains))
                continue;
            suffix.Add(node);
            behind.UnionWith(node.Outputs);
            made.UnionWith(node.Outputs);
            read.UnionWith(reads);
        }

        HashSet<string> varying = TensorSelection.Varying(graph);
        string[] given = [.. read.Where(name => !made.Contains(name) && !graph.Initializer.ContainsKey(name))];
        return new SuffixPlan(
            [.. given.Where(name => graph.Producer(name) is not null && varying.Contains(name))],
            [.. given.Where(name => graph.Producer(name) is not null && !varying.Contains(name))],
            [.. given.Where(name => graph.Inputs.Any(input => input.Name == name))],
            [.. suffix]);
    }
}
