using System.Globalization;

namespace CnnOnnx.Visualizer.Shards;

/// <summary>How far the shards of a plan are.</summary>
/// <param name="Plan">Path of the plan.</param>
/// <param name="Inputs">Number of inputs of the plan.</param>
/// <param name="InputsDone">Number of inputs of the shards that are done.</param>
/// <param name="Shards">State of each shard.</param>
internal sealed record PlanProgress(string Plan, long Inputs, long InputsDone, ShardState[] Shards)
{
    public const string Done = "done", Begun = "begun", Left = "left", Damaged = "damaged", Other = "other";

    /// <summary>True when all shards are done and whole.</summary>
    public bool IsDone => Shards.All(shard => shard.State == Done);

    /// <summary>Looks for the shards of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="folders">Folders of shards, or folders that hold those; a shard is looked for in all.</param>
    /// <param name="now">The time, from which that of the last change is told.</param>
    public static PlanProgress Of(ShardPlan plan, IReadOnlyList<string> folders, DateTime now)
    {
        ILookup<int, string> found = ShardSearch.Find(folders).ToLookup(path => ShardSearch.IndexOf(path) ?? -1);
        ShardState[] states = [.. Enumerable.Range(0, plan.Shards.Length).Select(i => StateOf(plan, i, found[i], now))];
        return new PlanProgress(plan.Path, plan.Inputs, states.Where(s => s.State == Done).Sum(s => s.Inputs), states);
    }

    /// <summary>The progress in lines: a summary, and each shard that is not done.</summary>
    public IEnumerable<string> Lines()
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"{Count(Done)} of {Shards.Length} shards done ")
            + string.Create(CultureInfo.InvariantCulture, $"({InputsDone} of {Inputs} inputs), {Count(Begun)} begun, {Count(Left)} left")
            + string.Concat(new[] { Damaged, Other }.Where(state => Count(state) > 0).Select(state => $", {Count(state)} {state}"));
        foreach (ShardState shard in Shards.Where(shard => shard.State is Begun or Damaged or Other))
            yield return $"shard {shard.Shard}: {shard.State}, {shard.Detail}";
        int[] left = [.. Shards.Where(shard => shard.State == Left).Select(shard => shard.Shard)];
        if (left.Length > 0)
            yield return $"left: {ShardSearch.Ranges(left)}";
    }

    private int Count(string state) => Shards.Count(shard => shard.State == state);

    private static ShardState StateOf(ShardPlan plan, int shard, IEnumerable<string> folders, DateTime now)
    {
        long inputs = plan.Shards[shard].Count;
        string identity = plan.IdentityOf(shard);
        ShardState? best = null;
        foreach (string folder in folders)
        {
            ShardState state = ShardMarker.Find(folder) is { } marker && marker.Identity == identity
                ? marker.DamageIn(folder) is { } damage
                    ? new ShardState(shard, Damaged, inputs, $"{damage} in {folder}; run it again")
                    : new ShardState(shard, Done, inputs, folder)
                : ShardFolder.BegunOf(folder) == identity
                    ? new ShardState(shard, Begun, inputs, $"{Results(folder)} of {inputs} inputs, last changed {Ago(folder, now)} ago")
                    : new ShardState(shard, Other, inputs, $"{folder} was made for another plan");
            if (best is null || Rank(state) < Rank(best))
                best = state;
        }

        return best ?? new ShardState(shard, Left, inputs, null);
    }

    private static int Rank(ShardState state) => Array.IndexOf([Done, Damaged, Begun, Other], state.State);

    // Folders of inputs are put there whole.
    private static int Results(string folder) => Directory.EnumerateDirectories(folder)
        .Count(path => Path.GetFileName(path) is var name && !name.StartsWith('.')
            && name is not (Kernels.KernelWriter.Subfolder or Tables.TableFiles.Folder));

    private static string Ago(string folder, DateTime now)
    {
        TimeSpan ago = now - Directory.GetLastWriteTimeUtc(folder);
        return ago.TotalHours >= 1 ? $"{(int)ago.TotalHours} h" : ago.TotalMinutes >= 1 ? $"{(int)ago.TotalMinutes} min"
            : $"{Math.Max(0, (int)ago.TotalSeconds)} s";
    }
}

/// <summary>State of one shard.</summary>
/// <param name="Shard">Index, from 0.</param>
/// <param name="State">done, begun (running, or interrupted), left (not begun), damaged, or other (made for another plan).</param>
/// <param name="Inputs">Number of its inputs.</param>
/// <param name="Detail">Where it is, or what is wrong, in words; null when there is nothing to say.</param>
internal sealed record ShardState(int Shard, string State, long Inputs, string? Detail);

/// <summary>Finds folders of shards.</summary>
internal static class ShardSearch
{
    /// <summary>Finds the folders of shards among folders and right below them.</summary>
    /// <exception cref="BadInputException">A folder does not exist.</exception>
    public static IEnumerable<string> Find(IEnumerable<string> folders) => folders.SelectMany<string, string>(folder =>
        !Directory.Exists(folder) ? throw new BadInputException($"{folder}: no such folder, expected one with shards")
        : IndexOf(folder) is not null ? [folder]
        : Directory.EnumerateDirectories(folder, $"{ShardFolder.Prefix}*").Where(path => IndexOf(path) is not null)
            .Order(StringComparer.Ordinal)).DistinctBy(Path.GetFullPath);

    /// <summary>Reads the index of a shard from the name of its folder; null for another folder.</summary>
    public static int? IndexOf(string folder)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        return name.StartsWith(ShardFolder.Prefix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(ShardFolder.Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? index : null;
    }

    /// <summary>Lists numbers as schedulers take them: 1-3,7.</summary>
    public static string Ranges(IReadOnlyList<int> sorted)
    {
        var ranges = new List<string>();
        for (int from = 0, to; from < sorted.Count; from = to + 1)
        {
            for (to = from; to + 1 < sorted.Count && sorted[to + 1] == sorted[to] + 1; to++)
                ;
            ranges.Add(from == to ? $"{sorted[from]}" : $"{sorted[from]}-{sorted[to]}");
        }

        return string.Join(',', ranges);
    }
}
