namespace CnnOnnx.Torch.Training;

/// <summary>How far the network had come after an epoch. Training figures are means over the epoch, while it learned.</summary>
internal sealed record EpochResult(int Epoch, double LearningRate, double TrainLoss, double TrainAccuracy, double ValidationLoss, double ValidationAccuracy)
{
    /// <summary>More right answers, or as many with a smaller loss.</summary>
    public bool IsBetterThan(EpochResult? other) => other is null
        || (ValidationAccuracy, -ValidationLoss).CompareTo((other.ValidationAccuracy, -other.ValidationLoss)) > 0;
}
