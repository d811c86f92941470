namespace CnnOnnx.Trainer.Explain;

/// <summary>Writes names of layers as short as they stay apart: exporters put paths in front of them, and the same ending behind.</summary>
internal static class LayerTitles
{
    // Of PyTorch and of TensorFlow: the first output of a node.
    private static readonly string[] Endings = ["_output_0", ":0"];

    /// <summary>Shortens names; as they are where two would become the same.</summary>
    /// <param name="layers">Names of tensors, each once.</param>
    /// <returns>A title for each name.</returns>
    public static IReadOnlyDictionary<string, string> Of(IReadOnlyCollection<string> layers)
    {
        var titles = layers.ToDictionary(layer => layer, Short);
        return titles.Values.Distinct().Count() == titles.Count ? titles : layers.ToDictionary(layer => layer);
    }

    // PyTorch's path of a module says each module twice: /layer1/layer1.0/conv1/Conv.
    private static string Short(string layer)
    {
        string[] parts = Without(layer).Split('/', StringSplitOptions.RemoveEmptyEntries);
        string[] told = [.. parts.Where((part, i) =>
            i + 1 == parts.Length || !parts[i + 1].StartsWith($"{part}.", StringComparison.Ordinal))];
        return told.Length == 0 ? layer : string.Join('/', told);
    }

    private static string Without(string layer) =>
        Endings.FirstOrDefault(ending => layer.EndsWith(ending, StringComparison.Ordinal)) is { } ending ? layer[..^ending.Length] : layer;
}
