namespace CnnOnnx.Formats;

/// <summary>
/// Finds the tensors of a network in what a PyTorch file holds: a state dictionary, one inside a checkpoint, or a whole pickled
/// module, whose parameters and buffers are walked in the order of torch's own state_dict().
/// </summary>
internal static class StateDictionary
{
    private const int Deepest = 64;
    private const int MostModules = 1_000_000;

    /// <summary>Where programs keep the network in a checkpoint, the most usual first.</summary>
    private static readonly string[] Containers =
    [
        "state_dict", "model_state_dict", "model", "net", "network", "ema", "model_ema", "ema_state_dict", "params", "params_ema",
        "weights",
    ];

    // Tensors that are no weights: momenta and what else a training goes on with.
    private static readonly string[] Left = ["optim", "sched", "scaler", "amp", "rng", "updates", "hyp", "args", "opt"];

    /// <summary>The tensors with their names, in order, and what to say about where they were found.</summary>
    /// <param name="root">What the file holds.</param>
    /// <param name="entry">Key of the checkpoint to take them from; null to find it.</param>
    /// <param name="where">The file, for messages.</param>
    /// <exception cref="BadInputException">No tensors, or several sets of them.</exception>
    public static (IReadOnlyList<(string Name, TorchTensor Tensor)> Tensors, string? Remark) Find(object? root, string? entry, string where)
    {
        if (entry is not null)
        {
            (string Key, object? Value)[] entries = Entries(root);
            (string Key, object? Value) named = entries.FirstOrDefault(e => e.Key == entry);
            return TensorsOf(named.Value) is { Count: > 0 } chosen ? (chosen, $"holds a checkpoint, its entry '{entry}' is taken")
                : throw new BadInputException($"{where}: has no tensors under '{entry}'; it has {Listed(entries)}");
        }

        if (TensorsOf(root) is { Count: > 0 } own)
            return (own, root is PickleRecord module ? $"holds a whole module, {module.Class}: its tensors are read, its code is not"
                : null);
        List<(string Key, IReadOnlyList<(string, TorchTensor)> Tensors)> sets = [];
        Collect(root, "", sets, new HashSet<object>(ReferenceEqualityComparer.Instance), 0);
        int[] known = [.. Enumerable.Range(0, sets.Count).Where(i => Containers.Contains(sets[i].Key))];
        // The average of the weights over a training is what is meant to be used, where a file has one beside the last weights.
        int average = known.FirstOrDefault(i => sets[i].Key is "ema" or "model_ema" or "ema_state_dict" or "params_ema", -1);
        int found = known.Length == 1 ? known[0] : known.Length == 2 && average >= 0 ? average : sets.Count == 1 ? 0 : -1;
        if (found >= 0)
            return (sets[found].Tensors, $"holds a checkpoint, its entry '{sets[found].Key}' is taken"
                + (sets.Count > 1 ? $", not {string.Join(" or ", sets.Where((_, i) => i != found).Select(s => $"'{s.Key}'"))}" : ""));
        throw new BadInputException(sets.Count == 0
            ? $"{where}: holds no tensors of a network, expected a state dictionary or a checkpoint with one; it has"
                + $" {Listed(Entries(root))}"
            : $"{where}: holds {sets.Count} sets of tensors, "
                + $"{string.Join(", ", sets.Take(8).Select(s => $"'{s.Key}' ({s.Tensors.Count})"))};"
                + " expected the name of one of them")
        {
            Remedy = sets.Count == 0 ? Remedy.None : Remedy.NameEntry,
        };
    }

    // What stands in several places is looked at in the first.
    private static void Collect(object? value, string path, List<(string, IReadOnlyList<(string, TorchTensor)>)> sets,
        HashSet<object> seen, int depth)
    {
        const int deepest = 2;
        foreach ((string key, object? inner) in Entries(value))
        {
            string name = path.Length == 0 ? key : $"{path}.{key}";
            if (Left.Any(word => key.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                || inner is not (PickleDictionary or PickleRecord or IReadOnlyList<object?> or TorchTensor) || !seen.Add(inner))
                continue;
            if (TensorsOf(inner) is { Count: > 0 } tensors)
                sets.Add((name, tensors));
            else if (depth < deepest)
                Collect(inner, name, sets, seen, depth + 1);
        }
    }

    /// <summary>Tensors of a dictionary of them, of a module, or of a list; null for anything else.</summary>
    private static IReadOnlyList<(string Name, TorchTensor Tensor)>? TensorsOf(object? value)
    {
        if (value is TorchTensor single)
            return [("tensor", single)];
        if (value is PickleRecord { Attributes: { } attributes } && IsModule(attributes))
        {
            var found = new List<(string, TorchTensor)>();
            int left = MostModules;
            Walk(attributes, "", found, 0, ref left);
            return found;
        }

        return [.. Entries(value).Where(e => e.Value is TorchTensor).Select(e => (e.Key, (TorchTensor)e.Value!))];
    }

    private static bool IsModule(PickleDictionary attributes) =>
        attributes.TryGet("_modules", out _) || attributes.TryGet("_parameters", out _);

    // In the order of torch: own parameters, own buffers that are kept, then each module inside.
    private static void Walk(PickleDictionary module, string prefix, List<(string, TorchTensor)> found, int depth, ref int left)
    {
        // A module may be used in two places; one inside itself would have no end.
        if (depth > Deepest || left-- == 0)
            throw new BadInputException($"a pickled module has more than {MostModules} modules, or is inside itself at '{prefix}'");
        HashSet<string> unkept = module.TryGet("_non_persistent_buffers_set", out object? names) && names is List<object?> list
            ? [.. list.Select(PickleText.Of).OfType<string>()] : [];
        foreach (string part in new[] { "_parameters", "_buffers" })
            if (module.TryGet(part, out object? tensors))
                found.AddRange(Entries(tensors).Where(e => e.Value is TorchTensor && !(part == "_buffers" && unkept.Contains(e.Key)))
                    .Select(e => (prefix + e.Key, (TorchTensor)e.Value!)));
        if (module.TryGet("_modules", out object? modules))
            foreach ((string key, object? inner) in Entries(modules))
                if (inner is PickleRecord { Attributes: { } attributes })
                    Walk(attributes, $"{prefix}{key}.", found, depth + 1, ref left);
    }

    private static (string Key, object? Value)[] Entries(object? value) => value switch
    {
        PickleDictionary dictionary => [.. dictionary.Named],
        PickleRecord record => [.. record.Entries.Named],
        IReadOnlyList<object?> list => [.. list.Select((item, i) => ($"{i}", item))],
        _ => [],
    };

    private static string Listed((string Key, object? Value)[] entries) => entries.Length == 0 ? "no entries"
        : string.Join(", ", entries.Take(8).Select(e => $"'{e.Key}'")) + (entries.Length > 8 ? ", …" : "");
}
