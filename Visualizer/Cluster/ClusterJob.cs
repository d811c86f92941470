using System.Globalization;
using CnnOnnx.Visualizer.Shards;

namespace CnnOnnx.Visualizer.Cluster;

/// <summary>What a scheduler is asked to run: a worker for each shard of a plan, or, after them, the merge.</summary>
internal sealed record ClusterJob
{
    // Kubernetes allows 63 characters in names of Jobs and appends up to 8 for the pods.
    private const int LongestName = 50;

    public required ShardPlan Plan { get; init; }

    /// <summary>Path of the plan, as workers see it.</summary>
    public required string PlanPath { get; init; }

    /// <summary>Folder of the shards, as workers see it.</summary>
    public required string Shards { get; init; }

    /// <summary>Folder of the merged results; null for the workers themselves.</summary>
    public string? Merged { get; init; }

    /// <summary>Path of the model, as workers see it; null for that of the plan.</summary>
    public string? Model { get; init; }

    /// <summary>Folder that the names of the inputs start from, as workers see it; null for that of the plan.</summary>
    public string? Root { get; init; }

    /// <summary>Processors of a worker.</summary>
    public int Processors { get; init; } = 2;

    /// <summary>Memory of a worker in MiB.</summary>
    public int Memory { get; init; } = 4096;

    /// <summary>Most workers at once; null for as many as the scheduler likes.</summary>
    public int? AtOnce { get; init; }

    /// <summary>Name for the scheduler: lower-case letters, digits and hyphens.</summary>
    public string Name
    {
        get
        {
            string letters = string.Concat(Path.GetFileNameWithoutExtension(PlanPath).ToLowerInvariant()
                .Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
            string name = letters.Length == 0 ? "dump" : $"dump-{letters[..Math.Min(letters.Length, LongestName)].TrimEnd('-')}";
            return Merged is null ? name : $"{name}-merge";
        }
    }

    /// <summary>Words behind the program's name.</summary>
    public IReadOnlyList<string> Words => Merged is { } merged
        ? ["merge", Shards, "--out", merged, .. Pair("--model", Model)]
        : ["dump", .. Model is null ? (string[])[] : [Model], "--plan", PlanPath, "--shard", "auto", "--out", Shards,
            .. Pair("--root", Root), .. Pair("--threads", Threads)];

    // Those of the plan, where it says how many, are every worker's.
    private string? Threads =>
        Plan.Options.Any(words => words[0] == "--threads") ? null : Processors.ToString(CultureInfo.InvariantCulture);

    private static string[] Pair(string option, string? value) => value is null ? [] : [option, value];
}
