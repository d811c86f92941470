using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>Trainings of narrow detectors on drawn boxes.</summary>
internal static class DetectorRuns
{
    /// <summary>All that learning has: averages, several sizes, a schedule with a warm-up.</summary>
    public static TrainingOptions Everything { get; } = DetectorTraining.Usual with
    {
        Epochs = 2,
        Batch = 4,
        Optimizer = "adam",
        WarmUp = 1,
        Ema = 0.9,
        Threads = 1,
        Seed = 5,
        Boxes = new BoxOptions { MultiScale = 1.5, Loss = "ciou" },
    };

    /// <summary>The detector for a plan; the caller disposes it.</summary>
    public static DetectorTraining Prepare(TrainingPlan plan, TrainingData data, string? weights = null, Action<string>? note = null) =>
        DetectorTraining.Prepare(plan, (classes, anchors) => ArchitectureTable.Find(plan.Model)!.Build(plan.Input, classes, anchors),
            ownAnchors: false, data.Report.Classes, ((DrawnBoxes)data.Train).Sizes, weights, CPU, note ?? (_ => { }));

    public static TrainingPlan Plan(string path, TrainingOptions options, TrainingData data) =>
        new("yolov3-0.1", "drawn", path, data.Train.Spec, options);

    /// <summary>Trains, perhaps until it is stopped or on from there; the weights as bytes.</summary>
    /// <param name="stopAfter">Batches after which it is cancelled; null for none.</param>
    /// <param name="resume">Checkpoint to go on from; null to begin.</param>
    public static (string Bytes, TrainingPosition Position) Train(
        string path, TrainingOptions options, TrainingData data, int? stopAfter = null, string? resume = null)
    {
        (Checkpoint Checkpoint, string Path)? at = resume is null ? null : Checkpoint.Read(resume);
        TrainingPlan plan = at is null ? Plan(path, options, data) : at.Value.Checkpoint.Plan;
        using DetectorTraining detector = Prepare(plan, data);
        using var cancel = new CancellationTokenSource();
        int batches = 0;
        using var run = new TrainingRun(detector.Plan, detector.Task, data, CPU)
        {
            OnProgress = now =>
            {
                if (now.Done is null && ++batches == stopAfter)
                    cancel.Cancel();
            },
        };
        if (at is { } stopped)
            run.Restore(stopped.Checkpoint, stopped.Path);
        run.Run(cancel.Token);
        return (Toys.Bytes(detector.Network.Module), run.Position);
    }
}
