using System.Globalization;

namespace CnnOnnx.Visualizer.Shards;

/// <summary>Which shard a worker has, by the variables that schedulers set in its environment: a row for each kind.</summary>
internal static class SchedulerVariables
{
    // Where a scheduler counts from 1, and says nothing else.
    private const long One = 1;

    // Those that count from 0 whatever the user chose have no first.
    private static readonly Row[] Rows =
    [
        new("SLURM_ARRAY_TASK_ID", Count: "SLURM_ARRAY_TASK_COUNT", First: "SLURM_ARRAY_TASK_MIN", Step: "SLURM_ARRAY_TASK_STEP",
            IsPlainInParts: true),
        // A task of an array is process 0 of a job of its own, whose number of processes need not be told.
        new("SLURM_PROCID", Count: "SLURM_NTASKS", NeedsCount: true),
        new("JOB_COMPLETION_INDEX"),
        new("AWS_BATCH_JOB_ARRAY_INDEX", Count: "AWS_BATCH_JOB_ARRAY_SIZE"),
        new("PBS_ARRAY_INDEX", Start: One),
        new("SGE_TASK_ID", First: "SGE_TASK_FIRST", Step: "SGE_TASK_STEPSIZE", Start: One),
        new("LSB_JOBINDEX", Step: "LSB_JOBINDEX_STEP", Start: One),
        new("RANK", Count: "WORLD_SIZE"),
    ];

    /// <summary>Reads which shard this worker has.</summary>
    /// <param name="shards">Number of shards of the plan.</param>
    /// <param name="variable">Gives the value of a variable of the environment; null for one that is not set.</param>
    /// <returns>Index of the shard, from 0, and the variable that says so, with its value.</returns>
    /// <exception cref="BadInputException">No variable says it, or two say different things.</exception>
    public static (int Shard, string Source) Read(int shards, Func<string, string?> variable)
    {
        (long Shard, string Source)[] found = [.. Rows.Select(row => row.Read(shards, variable)).OfType<(long, string)>()];
        if (found.Length == 0)
            throw new BadInputException("--shard is auto, but no scheduler says which shard this is: expected one of "
                + $"{string.Join(", ", Rows.Select(row => row.Index))}{Described(variable, shards)}; or give --shard I/{shards}");
        if (Array.Find(found, f => f.Shard != found[0].Shard) is { Source: { } source, Shard: var other })
            throw new BadInputException($"--shard is auto, but two variables disagree: {found[0].Source} is shard {found[0].Shard}, "
                + $"{source} is shard {other}; give --shard I/{shards}");
        return found[0].Shard >= 0 && found[0].Shard < shards ? ((int)found[0].Shard, found[0].Source)
            : throw new BadInputException($"{found[0].Source} is shard {found[0].Shard}, but the plan has shards 0 to {shards - 1}");
    }

    // Those that are set and say nothing: of another number of workers than the plan has shards.
    private static string Described(Func<string, string?> variable, int shards)
    {
        string[] other = [.. Rows.Where(row => row.Count is not null && variable(row.Index) is not null)
            .Select(row => $"{row.Index} is one of {variable(row.Count!)}")];
        return other.Length == 0 ? "" : $" ({string.Join(", ", other)}, not of {shards})";
    }

    /// <param name="Index">Variable with the worker's number.</param>
    /// <param name="Count">Variable with the number of workers; null where there is none.</param>
    /// <param name="First">Variable with the number of the first worker.</param>
    /// <param name="Step">Variable with the step between numbers.</param>
    /// <param name="Start">Number of the first worker where no variable says it.</param>
    /// <param name="NeedsCount">True where the number says nothing without that of all workers.</param>
    /// <param name="IsPlainInParts">True where a part of all workers may be started, whose numbers are those of their shards.</param>
    private sealed record Row(
        string Index, string? Count = null, string? First = null, string? Step = null, long Start = 0, bool NeedsCount = false,
        bool IsPlainInParts = false)
    {
        public (long Shard, string Source)? Read(int shards, Func<string, string?> variable)
        {
            // Some are set to "undefined" outside of arrays, and LSF's to 0.
            if (Number(Index) is not { } number || (Index == "LSB_JOBINDEX" && number == 0))
                return null;
            string source = $"{Index}={number}";
            if (Count is not null && (Number(Count) is { } count ? count != shards : NeedsCount))
                return IsPlainInParts ? (number, source) : null;
            long step = Math.Max(1, Step is null ? 1 : Number(Step) ?? 1);
            return ((number - (First is null ? Start : Number(First) ?? Start)) / step, source);

            long? Number(string name) =>
                long.TryParse(variable(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : null;
        }
    }
}
