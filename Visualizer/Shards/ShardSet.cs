namespace CnnOnnx.Visualizer.Shards;

/// <summary>All shards of a dump, each once and whole, in their order.</summary>
/// <param name="Shards">Folder and marker of each.</param>
internal sealed record ShardSet(IReadOnlyList<(string Folder, ShardMarker Marker)> Shards)
{
    // Of more shards with the same fault a line tells only how many there are.
    private const int MostNamed = 10;

    /// <summary>Settings of the dump, the same in all.</summary>
    public ShardMarker Any => Shards[0].Marker;

    /// <summary>Finds all shards.</summary>
    /// <param name="folders">Folders of shards, or folders that hold those.</param>
    /// <exception cref="BadInputException">
    /// A shard is missing, doubled, damaged, not done, or of another dump: all of them in one line.
    /// </exception>
    public static ShardSet Find(IReadOnlyList<string> folders)
    {
        var found = new SortedDictionary<int, (string Folder, ShardMarker Marker)>();
        var faults = new List<string>();
        foreach (string folder in ShardSearch.Find(folders))
        {
            int shard = ShardSearch.IndexOf(folder)!.Value;
            if (ShardMarker.Find(folder) is not { } marker)
                faults.Add($"shard {shard} is not done ({folder})");
            else if (found.TryGetValue(shard, out var other))
                faults.Add($"shard {shard} is there twice ({other.Folder} and {folder})");
            else
                found.Add(shard, (folder, marker));
        }

        if (found.Count == 0)
            throw new BadInputException(faults.Count > 0 ? Told(faults)
                : $"{string.Join(", ", folders)}: holds no shard, "
                    + $"expected folders {ShardFolder.Prefix}00000, {ShardFolder.Prefix}00001, …");
        // Shards of a plan that was made longer know the longer number.
        int count = found.Values.Max(shard => shard.Marker.Of);
        int[] missing = [.. Enumerable.Range(0, count).Where(shard => !found.ContainsKey(shard)
            && !faults.Exists(fault => fault.StartsWith($"shard {shard} ", StringComparison.Ordinal)))];
        if (missing.Length > 0)
            faults.Insert(0, $"{(missing.Length == 1 ? "shard" : "shards")} {ShardSearch.Ranges(missing)} of {count} "
                + $"{(missing.Length == 1 ? "is" : "are")} missing");
        ShardMarker first = found.Values.First().Marker;
        long next = 0;
        foreach ((int shard, (string folder, ShardMarker marker)) in found)
        {
            if (marker.Settings != first.Settings)
                faults.Add($"shard {shard} is of another model, options or version than shard {found.Keys.First()} ({folder})");
            else if (marker.First < next)
                faults.Add($"shard {shard} overlaps the one before it: it is of another plan ({folder})");
            else if (marker.DamageIn(folder) is { } damage)
                faults.Add($"shard {shard} is damaged: {damage} ({folder})");
            next = marker.First + marker.Count;
        }

        return faults.Count == 0 ? new ShardSet([.. found.Values]) : throw new BadInputException(Told(faults));
    }

    private static string Told(List<string> faults) => string.Join("; ", faults.Take(MostNamed))
        + (faults.Count > MostNamed ? $"; and {faults.Count - MostNamed} more" : "")
        + ": run those shards again, and merge then";
}
