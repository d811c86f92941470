namespace CnnOnnx.Torch.Training;

/// <summary>Where a training stands: after so many epochs and, within the next, so many batches.</summary>
internal sealed record TrainingPosition
{
    /// <summary>Epochs that are done.</summary>
    public int Epoch { get; init; }

    /// <summary>Batches of the next epoch that are done.</summary>
    public int Batch { get; init; }

    /// <summary>Sum over the pictures of those batches.</summary>
    public double LossSum { get; init; }

    /// <summary>Right answers in those batches.</summary>
    public long Right { get; init; }

    /// <summary>Steps of the optimizer, over all epochs.</summary>
    public long Steps { get; init; }

    /// <summary>One entry for every epoch that is done.</summary>
    public EpochResult[] History { get; init; } = [];

    /// <summary>The epoch whose weights are to be exported, of those that are done.</summary>
    public EpochResult? Best { get; init; }
}
