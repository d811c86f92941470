namespace CnnOnnx.Trainer.Training;

/// <summary>What was learned from.</summary>
/// <param name="Name">Of the folder.</param>
/// <param name="Train">Pictures to learn from.</param>
/// <param name="Validation">Pictures to measure with.</param>
/// <param name="ValidatedOn">The part of the set that those are: test, val.</param>
internal sealed record DataReport(string Name, int Train, int Validation, string ValidatedOn, string[] Classes)
{
    public override string ToString() => $"{Name} ({Train:N0} pictures in {Classes.Length} classes)";
}
