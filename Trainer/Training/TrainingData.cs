using CnnOnnx.Trainer.Data;

namespace CnnOnnx.Trainer.Training;

/// <summary>What is learned from and what is measured with, decoded; disposes both.</summary>
/// <param name="Report">What it is, in numbers and names.</param>
internal sealed record TrainingData(DataReport Report, PictureSet Train, PictureSet Validation) : IDisposable
{
    public void Dispose()
    {
        Train.Dispose();
        Validation.Dispose();
    }
}
