namespace CnnOnnx.Visualizer.Inspection;

/// <summary>
/// Blocks of a network by its tensors' names: exporters write the modules that a tensor comes from in front of its own name, as in
/// /features/features.3/conv/Relu_output_0.
/// </summary>
internal static class ModelBlocks
{
    // A table of fewer says nothing, and with fewer layers each it repeats the table of layers.
    private const int FewestBlocks = 4, FewestLayers = 2, MostParts = 4;

    // One that is nearly the whole network says nothing either.
    private const double LargestShare = 0.7;

    /// <summary>Finds the block of each name.</summary>
    /// <param name="names">Names of tensors, in the order of the graph.</param>
    /// <returns>One a name, empty for one that stands outside of all; null when the names tell of no blocks.</returns>
    public static string[]? Of(IReadOnlyList<string> names)
    {
        char between = names.Count(name => name.Contains('/')) > names.Count / 2 ? '/' : '.';
        string[][] parts = [.. names.Select(name => name.Split(between, StringSplitOptions.RemoveEmptyEntries)).Select(all => all[..^1])];
        string[]? best = null;
        for (int depth = 1; depth <= MostParts; depth++)
        {
            string[] blocks = [.. parts.Select(all => string.Join(between, all.Take(depth)))];
            int count = blocks.Distinct().Count(block => block.Length > 0);
            if (count < 2 || count * FewestLayers > names.Count)
                continue;
            best ??= blocks;
            if (count >= FewestBlocks && blocks.CountBy(block => block).Max(block => block.Value) <= LargestShare * names.Count)
                return blocks;
        }

        return best;
    }
}
