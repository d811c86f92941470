using CnnOnnx.Files;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Figures;

/// <summary>The figures of a training that is done, beside its model.</summary>
internal static class TrainingFigures
{
    /// <summary>Draws the curves, and what there is to draw of the task.</summary>
    /// <param name="files">Paths of the figures.</param>
    /// <param name="report">Metrics of every epoch.</param>
    /// <param name="measured">Metrics of the exported weights.</param>
    /// <exception cref="BadInputException">A file cannot be written.</exception>
    public static void Write(TrainingFiles files, TrainingReport report, Measurement measured)
    {
        string title = Path.GetFileNameWithoutExtension(files.Model);
        AtomicFile.WriteBytes(files.Curves, CurvesFigure.Draw(title, report.Epochs, report.Best.Epoch, report.Test?.Metrics));
        if (measured is not Score score)
            return;
        string right = $"{title}: {score.Accuracy:P2} of {score.Confusion.Total:N0} right";
        AtomicFile.WriteBytes(files.Confusion, ConfusionFigure.Draw(right, score.Confusion, score.Labels));
    }
}
