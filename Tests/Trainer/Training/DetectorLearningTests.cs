using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>A narrow YOLOv3 that learns to find what is drawn.</summary>
[TestClass]
public sealed class DetectorLearningTests
{
    [TestMethod]
    [TestCategory("Long")]
    public void Run_NarrowOnDrawnBoxes_FindsNineInTen()
    {
        using var folder = new TemporaryFolder();
        TrainingOptions options = DetectorTraining.Usual with
        {
            Epochs = 40,
            Batch = 8,
            Optimizer = "adam",
            LearningRate = 0.002,
            WarmUp = 0.5,
            WeightDecay = 0,
            Ema = 0.98,
            Seed = 1,
        };
        using TrainingData data = DrawnBoxes.Data(160, 400, 60);
        TrainingPlan plan = new("yolov3-0.125", "drawn", folder.File("a.onnx"), data.Train.Spec, options);
        using DetectorTraining detector = DetectorRuns.Prepare(plan, data);
        using var run = new TrainingRun(detector.Plan, detector.Task, data, CPU);

        run.Run(default);

        Assert.IsGreaterThanOrEqualTo(0.9, run.Position.Best!.Validation[BoxScore.At50Name]);
    }
}
