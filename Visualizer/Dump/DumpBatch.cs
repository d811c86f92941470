using CnnOnnx.Inference;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Inputs of one run on their way from file to folder. Owns them, and what they were made into.</summary>
internal sealed class DumpBatch(IReadOnlyList<DumpTarget> targets) : IDisposable
{
    public IReadOnlyList<DumpTarget> Targets { get; } = targets;

    /// <summary>Null when there is nothing to run.</summary>
    public RunInputs? Bound { get; set; }

    /// <summary>What the run made, all at once or in parts that are run as they are asked for; disposed after each.</summary>
    public IEnumerable<Activations> Parts { get; set; } = [];

    /// <summary>What <see cref="Parts"/> holds already.</summary>
    public Activations? Made { get; set; }

    /// <summary>By tensor; null when nobody asked.</summary>
    public IReadOnlyDictionary<string, TensorCost>? Costs { get; set; }

    public double RunMilliseconds { get; set; }

    /// <summary>Why there is no dump of any of the targets.</summary>
    public string? Fault { get; set; }

    public void Dispose()
    {
        Made?.Dispose();
        Bound?.Dispose();
        foreach (DumpTarget target in Targets)
            target.Input?.Dispose();
    }
}
