using System.Text.Json.Serialization;

namespace CnnOnnx.Torch.Training;

/// <summary>Point that a training has reached: epochs that are done and, within the next, batches.</summary>
[JsonConverter(typeof(TrainingPositionConverter))]
internal sealed record TrainingPosition
{
    /// <summary>Epochs that are done.</summary>
    public int Epoch { get; init; }

    /// <summary>Batches of the next epoch that are done.</summary>
    public int Batch { get; init; }

    /// <summary>Pictures of those batches that were not learned from, because they cannot be read.</summary>
    public int LeftOut { get; init; }

    /// <summary>The task's sums over those batches.</summary>
    public Metrics Sums { get; init; } = new();

    /// <summary>Steps of the optimizer, over all epochs.</summary>
    public long Steps { get; init; }

    /// <summary>One entry for every epoch that is done.</summary>
    public EpochResult[] History { get; init; } = [];

    /// <summary>The epoch whose weights are to be exported, of those that are done.</summary>
    public EpochResult? Best { get; init; }
}

/// <summary>News of a training, after each batch and after each epoch.</summary>
/// <param name="Epoch">The epoch it is in, or that is done; counts from 1.</param>
/// <param name="Epochs">Number of epochs in all.</param>
/// <param name="Pictures">Number of pictures learned from since the last time; 0 after an epoch.</param>
/// <param name="Loss">Mean loss over the epoch so far, as of the last time that it was read; NaN before the first.</param>
/// <param name="Done">Metrics of the epoch that is done; null after a batch.</param>
public sealed record TrainingProgress(int Epoch, int Epochs, int Pictures, double Loss, EpochResult? Done);
