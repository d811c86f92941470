using System.Diagnostics;
using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>What comes after the last epoch: the model's file, its proof, and the report.</summary>
internal static class TrainingExport
{
    private const int ProofPictures = 8;

    /// <summary>Exports the weights of the best epoch and measures them.</summary>
    /// <param name="task">Its network's weights become those of the best epoch.</param>
    /// <param name="elapsed">How long the training took.</param>
    /// <exception cref="BadInputException">A file cannot be read or written.</exception>
    public static (TrainingReport Report, Measurement Measured) Write(TrainingPlan plan, TrainingTask task, TrainingData data,
        TrainingPosition position, Device device, TimeSpan elapsed, CancellationToken cancel)
    {
        EpochResult best = position.Best!;
        Measurement Measure() => task.Measure(data.Measured, plan.Options.Batch, device, null, cancel);
        Measurement last = Measure(), measured = last;
        if (best.Epoch != position.Epoch)
        {
            Checkpoint.RestoreWeights(plan.Files.BestCheckpoint, task.Module);
            measured = Measure();
        }

        EpochScore? Tested(EpochResult epoch, Measurement measurement) =>
            data.Test is null ? null : new EpochScore(epoch.Epoch, measurement.Metrics);
        EpochScore? test = Tested(best, measured);
        var report = new TrainingReport
        {
            Model = plan.Model,
            Data = data.Report,
            Input = plan.Input,
            Options = plan.Options,
            Parameters = task.Module.parameters().Sum(p => p.numel()),
            Epochs = position.History,
            Best = best,
            Test = test,
            TestOfLastEpoch = Tested(position.History[^1], last),
            Details = [.. measured.Details],
            Proof = Export(plan, task, data, position, test, device),
            Device = device.ToString(),
            Seconds = elapsed.TotalSeconds,
            PeakMemoryMb = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
            Files = [plan.Out],
        };
        return (report, measured);
    }

    private static ExportProof Export(TrainingPlan plan, TrainingTask task, TrainingData data, TrainingPosition position,
        EpochScore? test, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        OnnxModel model = task.Module.Model;
        // nothing of the day or the machine, so that the same training gives the same file
        var training = new
        {
            Model = Path.GetFileName(plan.Model),
            plan.Options,
            Data = data.Report,
            position.Best,
            Test = test,
            Epochs = position.History,
        };
        model.Save(plan.Out, task.Module.CurrentBytes, model.Card with
        {
            Input = plan.Input,
            Labels = data.Report.Classes,
            Training = JsonSerializer.Serialize(training, JsonSettings.Indented),
        });
        using BatchReader pictures = data.Validation.Open(BatchOrder.InSequence(data.Validation.Count, ProofPictures), 0, device, default);
        return ExportProof.Of(plan.Out, task.Module, model.Graph.Inputs[0].Name, pictures.Next().Inputs);
    }
}
