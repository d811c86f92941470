namespace CnnOnnx.Torch.Training;

/// <summary>The end of a training that gets no better. It depends on the epochs so far alone, so there is no state to keep.</summary>
internal static class EarlyStopping
{
    public const string Validation = "validation", Training = "training";

    public static string[] Names { get; } = [Training, Validation];

    /// <summary>True when the last epochs, as many as are waited for, brought no better one.</summary>
    /// <param name="history">All epochs so far.</param>
    /// <param name="options">Patience, and what has to get better.</param>
    /// <param name="chosenBy">Choice of the best epoch by the validation.</param>
    public static bool IsDue(IReadOnlyList<EpochResult> history, TrainingOptions options, Criterion chosenBy)
    {
        if (options.Patience is not { } patience)
            return false;
        EpochResult? best = null;
        foreach (EpochResult epoch in history)
            if (best is null || (options.PatienceOn == Training
                ? epoch.Train[Criterion.Loss] < best.Train[Criterion.Loss]
                : chosenBy.Prefers(epoch, best)))
                best = epoch;
        return best is not null && history[^1].Epoch - best.Epoch >= patience;
    }
}
