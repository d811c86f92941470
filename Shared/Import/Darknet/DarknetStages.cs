namespace CnnOnnx.Import;

/// <summary>Finds the stages of a Darknet network's backbone: what it has made of the picture before each halving of its sides.</summary>
internal static class DarknetStages
{
    private const string Label = "backbone_block";

    // Where the trunk of a network ends: behind one of these it has been put together again, or has no more maps.
    private static readonly string[] Ends = ["upsample", "yolo", "region", "avgpool", "avg", "connected", "conn"];

    /// <summary>
    /// Labels backbone_block1 and so on, with the tensors that end the stages: the last residual sum of each size, or in a network
    /// without any the last maps of each size that are halved.
    /// </summary>
    public static KeyValuePair<string, string>[] Of(DarknetGraph graph, IReadOnlyList<CfgSection> layers)
    {
        int end = layers.TakeWhile(layer => !Ends.Contains(layer.Name)).Count();
        int[] trunk = [.. Enumerable.Range(0, end)];
        int[] sums = [.. trunk.Where(i => layers[i].Name == "shortcut")];
        int[] last = sums.Length > 0
            ? [.. sums.Where((layer, i) => i == sums.Length - 1 || Shrinks(graph, layer, sums[i + 1]))]
            : [.. trunk.SkipLast(1).Where(i => Shrinks(graph, i, i + 1)
                && !layers[i].Name.StartsWith("max", StringComparison.Ordinal))];
        return [.. last.Select((layer, i) => KeyValuePair.Create($"{Label}{i + 1}", graph.Outputs[layer].Name))];
    }

    private static bool Shrinks(DarknetGraph graph, int layer, int next) => graph.Outputs[next].Height < graph.Outputs[layer].Height;
}
