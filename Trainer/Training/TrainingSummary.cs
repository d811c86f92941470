using CnnOnnx.Cli;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Training;

/// <summary>The lines that a training ends with.</summary>
internal static class TrainingSummary
{
    /// <param name="report">The training.</param>
    /// <param name="metric">Name of what the best epoch is chosen by.</param>
    public static void Print(TrainingReport report, string metric, Terminal terminal)
    {
        EpochResult best = report.Best;
        Metrics shown = report.Test?.Metrics ?? best.Validation;
        terminal.Result($"{report.Parameters:N0} parameters, {report.Epochs.Length} epochs, {report.Seconds:0.0} s on {report.Device}");
        terminal.Result($"{metric,-9} {shown[metric]:0.0000} on " + (report.Test is null
            ? $"{report.Data.Validation:N0} {report.Data.ValidatedOn} pictures, loss {shown[Criterion.Loss]:0.0000}; there are no test "
                + "pictures"
            : $"{report.Data.Test:N0} test pictures, loss {shown[Criterion.Loss]:0.0000}"));
        terminal.Result(report.Data.ChoosesBestEpoch
            ? $"epoch     {best.Epoch} of {report.Epochs.Length}, the best one on {report.Data.EpochChosenOn}: "
                + $"{best.Validation[metric]:0.0000}"
            : $"epoch     {best.Epoch}, the last one: no pictures were held out to choose on");
        terminal.Result(report.Proof.Holds
            ? $"proof     {report.Proof.Tensors} tensors agree with ONNX Runtime; largest difference "
                + $"{report.Proof.LargestDifference:0.0e+0} ({report.Proof.At})"
            : $"NOT PROVEN, so no model is written: of {report.Proof.Tensors} tensors {report.Proof.Failed.Length} differ from ONNX "
                + "Runtime's or hold "
                + $"NaN, first '{report.Proof.Failed[0]}'; largest difference {report.Proof.LargestDifference:0.0e+0}");
        terminal.Result($"files     {string.Join(' ', report.Files.Select(f => Path.GetRelativePath(Environment.CurrentDirectory, f)))}");
        terminal.JsonResult(report.ToJson());
    }
}
