using System.Diagnostics;
using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Figures;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Commands;

/// <summary>What comes after the last epoch: the model's file, its proof, the figures and the numbers.</summary>
internal static class TrainingResult
{
    private const int ProofPictures = 8;

    /// <summary>Exports the weights of the best epoch and everything that belongs to them.</summary>
    /// <param name="classifier">Its weights become those of the best epoch.</param>
    /// <exception cref="BadInputException">A file cannot be written.</exception>
    public static TrainingReport Write(TrainingPlan plan, Classifier classifier, TrainingData data, TrainingPosition position,
        Device device, TimeSpan elapsed, CancellationToken cancel)
    {
        var files = new TrainingFiles(plan.Out);
        EpochResult best = position.Best!;
        var evaluation = new Evaluation(classifier, data.Measured, device) { Batch = plan.Options.Batch };
        Score last = evaluation.Measure(null, cancel), score = last;
        if (best.Epoch != position.Epoch)
        {
            Checkpoint.RestoreWeights(files.BestCheckpoint, classifier.Module);
            score = evaluation.Measure(null, cancel);
        }

        TestScore? Tested(EpochResult epoch, Score measured) => data.Test is null ? null : new TestScore(epoch.Epoch, measured.Loss, measured.Accuracy);
        TestScore? test = Tested(best, score);

        string[] labels = data.Report.Classes;
        var report = new TrainingReport
        {
            Model = plan.Model,
            Data = data.Report,
            Input = plan.Input,
            Options = plan.Options,
            Parameters = classifier.Module.parameters().Sum(p => p.numel()),
            Epochs = position.History,
            Best = best,
            Test = test,
            TestOfLastEpoch = Tested(position.History[^1], last),
            Classes = ClassReport.Of(score.Confusion, labels),
            Confusion = score.Confusion.ToRows(),
            Proof = Export(plan, classifier, data, position, test, device),
            Device = device.ToString(),
            Seconds = elapsed.TotalSeconds,
            PeakMemoryMb = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
            Files = files.Results,
        };
        string title = Path.GetFileNameWithoutExtension(plan.Out);
        AtomicFile.WriteBytes(files.Curves, CurvesFigure.Draw(title, position.History));
        AtomicFile.WriteBytes(files.Confusion, ConfusionFigure.Draw($"{title}: {score.Accuracy:P2} of {data.Measured.Count:N0} right", score.Confusion, labels));
        AtomicFile.WriteText(files.Metrics, JsonSerializer.Serialize(report, JsonSettings.Indented));
        return report;
    }

    private static ExportProof Export(TrainingPlan plan, Classifier classifier, TrainingData data, TrainingPosition position,
        TestScore? test, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        OnnxModel model = classifier.Module.Model;
        // nothing of the day or the machine, so that the same training gives the same file
        var training = new { Model = Path.GetFileName(plan.Model), plan.Options, Data = data.Report, position.Best, Test = test, Epochs = position.History };
        ModelCard card = model.Card with { Input = plan.Input, Labels = data.Report.Classes, Training = JsonSerializer.Serialize(training, JsonSettings.Indented) };
        model.Save(plan.Out, classifier.Module.CurrentBytes, card);
        (Tensor pictures, _) = data.Validation.Read([.. Enumerable.Range(0, Math.Min(ProofPictures, data.Validation.Count))], device);
        return ExportProof.Of(plan.Out, classifier.Module, classifier.Input, pictures);
    }
}
