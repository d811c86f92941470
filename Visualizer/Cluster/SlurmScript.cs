using System.Globalization;
using System.Text.RegularExpressions;

namespace CnnOnnx.Visualizer.Cluster;

/// <summary>A job as a file for Slurm's sbatch: an array with a task a shard, or the one task that merges.</summary>
internal static partial class SlurmScript
{
    // Before a time limit ends a task, so that it finishes the picture in work and goes on in its next run.
    private const int SecondsToEnd = 60;

    /// <summary>Writes the file.</summary>
    /// <param name="job">What is to run.</param>
    /// <param name="program">The program as workers call it.</param>
    /// <param name="time">Longest time of a task, as sbatch reads it; null for the partition's.</param>
    public static string Of(ClusterJob job, string program, string? time) => string.Join('\n', job.Merged is null
        ? [.. Head(job, time), .. Workers(job, program)]
        : [.. Head(job, time), "", $"exec {Line([program, .. job.Words])}", ""]);

    private static IEnumerable<string> Head(ClusterJob job, string? time)
    {
        yield return "#!/bin/bash";
        yield return $"#SBATCH --job-name={job.Name}";
        if (job.Merged is null)
            yield return string.Create(CultureInfo.InvariantCulture, $"#SBATCH --array=0-{job.Plan.Shards.Length - 1}")
                + (job.AtOnce is { } most ? string.Create(CultureInfo.InvariantCulture, $"%{most}") : "");
        yield return string.Create(CultureInfo.InvariantCulture, $"#SBATCH --cpus-per-task={job.Processors}");
        yield return string.Create(CultureInfo.InvariantCulture, $"#SBATCH --mem={job.Memory}M");
        if (time is not null)
            yield return $"#SBATCH --time={time}";
        yield return $"#SBATCH --output={job.Name}-{(job.Merged is null ? "%A_%a" : "%j")}.log";
        if (job.Merged is not null)
            yield break;
        yield return "#SBATCH --open-mode=append";
        yield return "#SBATCH --requeue";
        yield return $"#SBATCH --signal=B:USR1@{SecondsToEnd}";
    }

    // A node that fails requeues its tasks by itself. Exit code 2, bad input, is final: another try would end the same.
    private static string[] Workers(ClusterJob job, string program) =>
    [
        "",
        $"# job=$(sbatch --parsable FILE), and after it the merge: sbatch --dependency=afterok:$job MERGE_FILE",
        "",
        "# Asked to end, a worker finishes the picture in work; its next run goes on from there.",
        "trap 'kill -TERM \"$worker\"' TERM",
        "# Time is nearly up: it is put into the queue again.",
        "trap 'late=1; kill -TERM \"$worker\"' USR1",
        "",
        $"{Line([program, .. job.Words])} &",
        "worker=$!",
        "wait \"$worker\"",
        "code=$?",
        "# A signal ends the first wait and not the worker.",
        "while kill -0 \"$worker\" 2>/dev/null; do",
        "  wait \"$worker\"",
        "  code=$?",
        "done",
        "if [ -n \"$late\" ] && [ \"$code\" -ne 0 ] && [ \"$code\" -ne 2 ]; then",
        "  scontrol requeue \"${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}\"",
        "fi",
        "exit \"$code\"",
        "",
    ];

    private static string Line(IEnumerable<string> words) => string.Join(' ', words.Select(Quoted));

    private static string Quoted(string word) =>
        Plain().IsMatch(word) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [GeneratedRegex("^[A-Za-z0-9_./:@%+=,-]+$")]
    private static partial Regex Plain();
}
