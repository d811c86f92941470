namespace CnnOnnx.Torch.Training;

/// <summary>What is learned from and what is measured with, decoded; disposes all.</summary>
/// <param name="Report">What it is, in numbers and names.</param>
/// <param name="Test">Null where the data has no test pictures; the same as <paramref name="Validation"/> where nothing is held out.</param>
internal sealed record TrainingData(DataReport Report, PictureSet Train, PictureSet Validation, PictureSet? Test) : IDisposable
{
    /// <summary>What the exported weights are measured with.</summary>
    public PictureSet Measured => Test ?? Validation;

    public void Dispose()
    {
        Train.Dispose();
        Validation.Dispose();
        Test?.Dispose();
    }
}
