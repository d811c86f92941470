using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Training;

/// <summary>A task and its data, ready to be trained.</summary>
/// <param name="Plan">The plan, with what was found out on the way.</param>
/// <param name="Task">The task.</param>
/// <param name="Data">The pictures.</param>
/// <param name="Owned">Network and data, disposed with this, the last first.</param>
internal sealed record PreparedTraining(TrainingPlan Plan, TrainingTask Task, TrainingData Data, Stack<IDisposable> Owned) : IDisposable
{
    /// <summary>Changes that were made to the network so that it can be trained, in words; null for none.</summary>
    public string? Remark { get; init; }

    /// <summary>Paths of the files that are written beside the model.</summary>
    public required string[] Figures { get; init; }

    /// <summary>Sources that may meet files that cannot be read only while the training reads them.</summary>
    public IReadOnlyList<BatchSource> Streams { get; init; } = [];

    public void Dispose()
    {
        foreach (IDisposable each in Owned)
            each.Dispose();
    }
}
