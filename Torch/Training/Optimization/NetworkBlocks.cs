using CnnOnnx.Onnx;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Weights of a network by depth. A block is a layer, or what lies side by side between two tensors through which everything passes: a
/// residual block as a whole. Normalisation and activation belong to the layer in front of them.
/// </summary>
internal static class NetworkBlocks
{
    private static readonly OperatorFamily[] Layers = [OperatorFamily.Convolution, OperatorFamily.Dense];

    /// <summary>Names of the weights of each block, from the input on.</summary>
    /// <param name="graph">A graph without calls of local functions.</param>
    /// <param name="end">Name of the tensor that the last block makes.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Of(OnnxGraph graph, string end)
    {
        var ends = new List<string>();
        bool hasLayer = false;
        foreach ((string cut, bool isLayer) in Cuts(graph, end))
        {
            // A part without a layer ends the block that is open; one with a layer begins the next.
            if (ends.Count > 0 && (!isLayer || !hasLayer))
                ends[^1] = cut;
            else
                ends.Add(cut);
            hasLayer |= isLayer;
        }

        HashSet<string> seen = [];
        return [.. ends.Select(cut => (string[])[.. WeightsFor(graph, cut).Where(seen.Add)]).Where(weights => weights.Length > 0)];
    }

    /// <summary>Tensors that alone lead on to the rest of the graph, and whether a layer lies between each and the one before it.</summary>
    private static IEnumerable<(string Cut, bool IsLayer)> Cuts(OnnxGraph graph, string end)
    {
        HashSet<string> varying = TensorSelection.Varying(graph);
        IReadOnlyDictionary<string, string> plumbing = Plumbing.Of(graph);
        bool Flows(string name) => varying.Contains(name) && !plumbing.ContainsKey(name);
        OnnxNode[] nodes = [.. graph.NodesFor([end]).Where(node => node.Outputs.Any(Flows))];
        var uses = new Dictionary<string, int>();
        for (int i = 0; i < nodes.Length; i++)
            foreach (string name in NodeOrder.UsedNames(nodes[i]).Where(Flows))
                uses[name] = i;
        uses[end] = nodes.Length;
        HashSet<string> alive = [.. graph.Inputs.Select(input => input.Name).Where(uses.ContainsKey)];
        bool isLayer = false;
        for (int i = 0; i < nodes.Length; i++)
        {
            isLayer |= Layers.Contains(OperatorFacts.Of(nodes[i]).Family);
            alive.UnionWith(nodes[i].Outputs.Where(uses.ContainsKey));
            alive.RemoveWhere(name => uses[name] <= i);
            if (alive.Count != 1)
                continue;
            yield return (alive.First(), isLayer);
            isLayer = false;
        }
    }

    private static IEnumerable<string> WeightsFor(OnnxGraph graph, string tensor) =>
        graph.NodesFor([tensor]).SelectMany(NodeOrder.UsedNames).Where(graph.Initializer.ContainsKey);
}
