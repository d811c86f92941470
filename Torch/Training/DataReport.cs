namespace CnnOnnx.Torch.Training;

/// <summary>What was learned from.</summary>
/// <param name="Name">Of the folder.</param>
/// <param name="Train">Pictures to learn from.</param>
/// <param name="Validation">Pictures that are measured after every epoch.</param>
/// <param name="ValidatedOn">The part of the set that those are: val, held-out, test.</param>
/// <param name="Test">Pictures that are measured at the end; 0 for none.</param>
internal sealed record DataReport(string Name, int Train, int Validation, string ValidatedOn, int Test, string[] Classes)
{
    /// <summary>On test pictures nothing is chosen: where only they are measured, the last epoch is the one to keep.</summary>
    public bool ChoosesBestEpoch => ValidatedOn != DataSource.Test;

    /// <summary>In words, what the epoch whose weights are exported was chosen on.</summary>
    public string EpochChosenOn => ChoosesBestEpoch ? $"{Validation:N0} {ValidatedOn} pictures" : "nothing, the last one is kept";

    public override string ToString() => $"{Name} ({Train:N0} pictures in {Classes.Length} classes)";
}
