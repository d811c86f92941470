using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CnnOnnx.Visualizer.Cluster;

/// <summary>A job as YAML for Kubernetes: an Indexed Job with a pod a shard, or the Job that merges.</summary>
internal static class KubernetesJob
{
    // Of a worker that was stopped or fell over; each goes on from where the one before ended.
    private const int Retries = 3;

    // Longer than a picture takes.
    private const int SecondsToEnd = 60;

    /// <summary>Writes the YAML.</summary>
    /// <param name="job">What is to run.</param>
    /// <param name="image">Name of the container's image.</param>
    /// <param name="claim">Name of the PersistentVolumeClaim that holds plan, model and inputs, and takes the shards.</param>
    /// <param name="mount">Path in the container under which it is seen.</param>
    public static string Of(ClusterJob job, string image, string claim, string mount) => string.Join('\n',
    [
        "apiVersion: batch/v1",
        "kind: Job",
        "metadata:",
        $"  name: {Text(job.Name)}",
        "spec:",
        .. job.Merged is null ? Workers(job) : [string.Create(CultureInfo.InvariantCulture, $"  backoffLimit: {Retries}")],
        "  podFailurePolicy:",
        "    rules:",
        "    # A pod that is moved to another machine has not failed.",
        "    - action: Ignore",
        "      onPodConditions:",
        "      - type: DisruptionTarget",
        "        status: \"True\"",
        "    # Bad input stays bad.",
        $"    - action: {(job.Merged is null ? "FailIndex" : "FailJob")}",
        "      onExitCodes:",
        "        containerName: visualizer",
        "        operator: In",
        $"        values: [{Cli.ExitCode.BadInput}]",
        "  template:",
        "    spec:",
        "      restartPolicy: Never",
        $"      terminationGracePeriodSeconds: {SecondsToEnd}",
        "      containers:",
        "      - name: visualizer",
        $"        image: {Text(image)}",
        "        args:",
        .. job.Words.Select(word => $"        - {Text(word)}"),
        "        resources:",
        string.Create(CultureInfo.InvariantCulture, $"          requests: {{cpu: \"{job.Processors}\", memory: {job.Memory}Mi}}"),
        string.Create(CultureInfo.InvariantCulture, $"          limits: {{memory: {job.Memory}Mi}}"),
        "        volumeMounts:",
        "        - name: data",
        $"          mountPath: {Text(mount)}",
        "      volumes:",
        "      - name: data",
        "        persistentVolumeClaim:",
        $"          claimName: {Text(claim)}",
        "",
    ]);

    private static string[] Workers(ClusterJob job) =>
    [
        "  completionMode: Indexed",
        string.Create(CultureInfo.InvariantCulture, $"  completions: {job.Plan.Shards.Length}"),
        string.Create(CultureInfo.InvariantCulture, $"  parallelism: {Math.Min(job.AtOnce ?? int.MaxValue, job.Plan.Shards.Length)}"),
        string.Create(CultureInfo.InvariantCulture, $"  backoffLimitPerIndex: {Retries}"),
        "  # A shard that cannot be made does not end the others.",
        string.Create(CultureInfo.InvariantCulture, $"  maxFailedIndexes: {job.Plan.Shards.Length}"),
    ];

    // JSON's strings are YAML's.
    private static string Text(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
