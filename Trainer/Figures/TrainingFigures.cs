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
    /// <param name="pictures">The pictures that they were measured with.</param>
    /// <exception cref="BadInputException">A file cannot be written.</exception>
    public static void Write(TrainingFiles files, TrainingReport report, Measurement measured, BatchSource pictures)
    {
        string title = Path.GetFileNameWithoutExtension(files.Model);
        AtomicFile.WriteBytes(files.Curves, CurvesFigure.Draw(title, report.Epochs, report.Best.Epoch, report.Test?.Metrics));
        if (measured is Score score)
            Write(files.Model, score, pictures);
    }

    /// <summary>Draws what a classifier got right and wrong: the confusion matrix, and its surest mistakes.</summary>
    /// <param name="model">Path that the figures stand beside, under its name.</param>
    /// <param name="score">What was measured.</param>
    /// <param name="pictures">The pictures that it was measured with.</param>
    /// <returns>Paths of the figures.</returns>
    /// <exception cref="BadInputException">A file cannot be written.</exception>
    public static string[] Write(string model, Score score, BatchSource pictures)
    {
        var files = new TrainingFiles(model);
        string title = Path.GetFileNameWithoutExtension(model);
        string right = $"{title}: {score.Accuracy:P2} of {score.Confusion.Total:N0} right";
        AtomicFile.WriteBytes(files.Confusion, ConfusionFigure.Draw(right, score.Confusion, score.Labels));
        AtomicFile.WriteBytes(files.Mistakes, MistakeSheet.Draw(title, score, pictures));
        return [files.Confusion, files.Mistakes];
    }
}
