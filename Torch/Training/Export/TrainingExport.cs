using System.Diagnostics;
using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Makes the results after the last epoch: the model's file, its proof, and the report.</summary>
internal static class TrainingExport
{
    private const int ProofPictures = 8;

    /// <summary>Exports the weights of the best epoch and measures them. The file is written when it is proven, and only then.</summary>
    /// <param name="plan">Model, data and options, and the path of the file.</param>
    /// <param name="task">The task, whose network gets the weights of the best epoch.</param>
    /// <param name="data">The pictures to measure and to prove with.</param>
    /// <param name="position">The training after its last epoch.</param>
    /// <param name="device">Device of the network.</param>
    /// <param name="elapsed">Duration of the training.</param>
    /// <param name="cancel">Stops the measurement; nothing is written then.</param>
    /// <exception cref="BadInputException">A weight is no number, or a file cannot be read or written.</exception>
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

        WeightCheck.RequireFinite(task.Module, plan.Model,
            $"after epoch {best.Epoch}, which is to be exported; try a smaller learning rate", Remedy.LowerLearningRate);
        EpochScore? Tested(EpochResult epoch, Measurement measurement) =>
            data.Test is null ? null : new EpochScore(epoch.Epoch, measurement.Metrics);
        EpochScore? test = Tested(best, measured);
        ExportProof proof = Export(plan, task, data, position, test, device);
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
            Proof = proof,
            Device = device.ToString(),
            Seconds = elapsed.TotalSeconds,
            PeakMemoryMb = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
            Files = proof.Holds ? [plan.Out] : [],
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
        ModelCard card = model.Card with
        {
            Input = plan.Input,
            Labels = data.Report.Classes,
            Training = JsonSerializer.Serialize(training, JsonSettings.Indented),
        };
        using var unproven = new UnprovenModel(plan.Out);
        ExportProof proof;
        try
        {
            model.Save(unproven.Path, task.Module.CurrentBytes, card);
            using BatchReader pictures =
                data.Validation.Open(BatchOrder.InSequence(data.Validation.Count, ProofPictures), 0, device, default);
            (string input, Tensor batch) = task.InputOf(pictures.Next());
            proof = ExportProof.Of(unproven.Path, task.Module, input, batch);
        }
        // nobody knows the place beside the one that was asked for
        catch (BadInputException fault)
        {
            throw new BadInputException(fault.Message.Replace(unproven.Path, plan.Out), fault);
        }

        if (proof.Holds)
            unproven.Accept();
        return proof;
    }

    /// <summary>
    /// A model's file in a folder beside its place, under its own name, which a file with weights beside it knows. Nothing is left of
    /// it when it is not accepted, and what was in its place stays.
    /// </summary>
    private sealed class UnprovenModel : IDisposable
    {
        private readonly string _target;
        private readonly string _folder;

        public UnprovenModel(string target)
        {
            if (Directory.Exists(target))
                throw new BadInputException($"{target}: is a folder, expected a place for a file");
            _target = target;
            // the dot hides it from folder listings and globs
            _folder = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(target)!, $".{Guid.NewGuid():N}.unproven");
            OutputFolder.Create(_folder);
            Path = System.IO.Path.Combine(_folder, System.IO.Path.GetFileName(target));
        }

        public string Path { get; }

        /// <summary>Puts the files into their place, the weights before the model that names them.</summary>
        /// <exception cref="BadInputException">A file in the way, or no right to write there.</exception>
        public void Accept()
        {
            try
            {
                string folder = System.IO.Path.GetDirectoryName(_target)!;
                foreach (string file in Directory.GetFiles(_folder).OrderBy(file => file == Path))
                    File.Move(file, System.IO.Path.Combine(folder, System.IO.Path.GetFileName(file)), overwrite: true);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw new BadInputException($"{_target}: cannot be written: {fault.Message}", fault);
            }
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
