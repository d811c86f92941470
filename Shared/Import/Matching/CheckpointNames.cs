using CnnOnnx.Formats;
using CnnOnnx.Onnx;

namespace CnnOnnx.Import;

/// <summary>
/// What all names of a checkpoint begin with and those of a graph do not, or the other way round: module. of several devices, model.
/// or backbone. of a network inside another.
/// </summary>
/// <param name="Removed">What is taken off the checkpoint's names.</param>
/// <param name="Added">What is put before them then.</param>
internal sealed record CheckpointNames(string Removed, string Added)
{
    private const int MostParts = 4;

    /// <summary>A name as the graph would have it.</summary>
    public string Of(string name) => Added + name[Removed.Length..];

    /// <summary>The beginnings with which the most names are found on both sides; the fewest changes of several.</summary>
    public static CheckpointNames Find(IReadOnlyList<WeightTensor> tensors, OnnxGraph graph, IReadOnlyList<GraphLayer> layers)
    {
        HashSet<string> wanted =
        [
            .. graph.Initializers.Select(t => t.Name).Where(name => name.Contains('.', StringComparison.Ordinal)),
            .. layers.Select(layer => layer.Module).OfType<string>().Select(module => module + ".weight"),
        ];
        string[] removals = Beginnings([.. tensors.Select(t => t.Name)]), additions = Beginnings([.. wanted]);
        return removals.SelectMany(removed => additions.Select(added => new CheckpointNames(removed, added)))
            .Select(names => (Names: names, Found: tensors.Count(t => wanted.Contains(names.Of(t.Name)))))
            .OrderByDescending(n => n.Found).ThenBy(n => n.Names.Removed.Length + n.Names.Added.Length).First().Names;
    }

    // "", and what all names begin with: one part, two parts …
    private static string[] Beginnings(IReadOnlyList<string> names)
    {
        var beginnings = new List<string> { "" };
        while (beginnings.Count <= MostParts && names.Count > 0)
        {
            string begun = beginnings[^1];
            int dot = names[0].IndexOf('.', Math.Min(begun.Length, names[0].Length));
            if (dot < 0 || names[0][..(dot + 1)] is not { } longer
                || !names.All(name => name.Length > longer.Length && name.StartsWith(longer, StringComparison.Ordinal)))
                break;
            beginnings.Add(longer);
        }

        return [.. beginnings];
    }
}
