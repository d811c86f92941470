using System.Text.Json;
using System.Text.Json.Nodes;
using CnnOnnx.Files;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>The loop with a task that is no classification: it knows no metric of its own.</summary>
[TestClass]
public sealed class TrainingTaskTests
{
    [TestMethod]
    public void Run_TaskWithoutAccuracy_IsChosenAndTakenDownByItsOwnNumbers()
    {
        using var folder = new TemporaryFolder();
        TrainingOptions options = Toys.Options with { Epochs = 6, LearningRate = 0.3 };

        TrainingPosition position = Train(folder.File("a.onnx"), options, null);

        Assert.AreEqual(position.History.Min(e => e.Validation["distance"]), position.Best!.Validation["distance"]);
        Assert.AreNotEqual(6, position.Best.Epoch, "The best epoch must not be the last one, for the choice to be seen.");
        JsonNode json = JsonSerializer.SerializeToNode(position, JsonSettings.Indented)!;
        Assert.AreEqual("epoch batch lossSum distanceSum steps history best", Names(json));
        Assert.AreEqual("epoch learningRate trainLoss trainDistance validationLoss validationDistance", Names(json["best"]!));
        Assert.AreEqual(position.Best, Checkpoint.Read(folder.File("a.best.ckpt")).Checkpoint.Position.Best);
    }

    [TestMethod]
    public void Restore_TaskOfOtherSums_IsRefused()
    {
        using var folder = new TemporaryFolder();
        _ = Train(folder.File("a.onnx"), Toys.Options with { Epochs = 1 }, null);
        (Checkpoint checkpoint, string path) = Checkpoint.Read(folder.Path);
        using TrainingData data = Toys.Data();
        using Classifier classifier = Toys.Build(Toys.Options);
        using var run = new TrainingRun(checkpoint.Plan, Toys.Task(classifier), data, CPU);
        var fault = Assert.ThrowsExactly<BadInputException>(() => run.Restore(checkpoint, path));
        Assert.AreEqual($"{path}: has sums of lossSum, distanceSum, expected lossSum, right", fault.Message);
    }

    // Losses are read now and then only; the line names the batch all the same.
    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(10)]
    public void Run_LossIsNoNumber_NamesTheBatch(int batch)
    {
        using var folder = new TemporaryFolder();
        var fault = Assert.ThrowsExactly<BadInputException>(() => Train(folder.File("a.onnx"), Toys.Options, batch));
        Assert.AreEqual(
            $"toy: the loss is NaN in epoch 1, batch {batch} of 10, with the learning rate 0.05; expected a number, try a smaller one",
            fault.Message);
        Assert.IsFalse(File.Exists(folder.File("a.last.ckpt")), "What is broken is not kept.");
    }

    [TestMethod]
    [DataRow(0.5, 0.4, 0.9, 0.1, true)] // lower is better
    [DataRow(0.4, 0.5, 0.1, 0.9, false)]
    [DataRow(0.5, 0.5, 0.2, 0.1, true)] // alike: the smaller loss
    [DataRow(0.5, 0.5, 0.1, 0.1, false)]
    public void Prefers_Criterion_LooksAtTheMetricAndThenAtTheLoss(
        double before, double now, double lossBefore, double lossNow, bool expected)
    {
        EpochResult Result(double distance, double loss) => new(1, 0.1, new Metrics(), new Metrics(("loss", loss), ("distance", distance)));
        EpochResult other = Result(before, lossBefore), epoch = Result(now, lossNow);
        Assert.AreEqual(expected, new Criterion("distance", HigherIsBetter: false).Prefers(epoch, other));
        Assert.IsTrue(new Criterion("distance", HigherIsBetter: false).Prefers(epoch, null));
        if (before != now)
            Assert.AreEqual(!expected, new Criterion("distance", HigherIsBetter: true).Prefers(epoch, other));
    }

    [TestMethod]
    public void EpochResult_ThroughJson_IsTheSameAlsoWhereNumbersAreNone()
    {
        var epoch = new EpochResult(
            3, 1e-9, new Metrics(("loss", 1 / 3.0), ("mAP", double.NaN)), new Metrics(("loss", double.PositiveInfinity)));
        string json = JsonSerializer.Serialize(epoch, JsonSettings.Indented);
        Assert.AreEqual(epoch, JsonSerializer.Deserialize<EpochResult>(json, JsonSettings.Indented));
        StringAssert.Contains(json, "\"trainMAP\": \"NaN\"");
    }

    private static string Names(JsonNode json) => string.Join(' ', json.AsObject().Select(p => p.Key));

    private static TrainingPosition Train(string model, TrainingOptions options, int? poisoned)
    {
        using TrainingData data = Toys.Data();
        using Classifier network = Toys.Build(options);
        using var run = new TrainingRun(Toys.Plan(model, options), new Distance(network) { Poisoned = poisoned }, data, CPU);
        run.Run(default);
        return run.Position;
    }

    /// <summary>Learns the number of the class as a number: the first score is to come close to it.</summary>
    private sealed class Distance(Classifier network) : TrainingTask
    {
        private int _step;

        /// <summary>The step whose loss is no number.</summary>
        public int? Poisoned { get; init; }

        public override OnnxModule Module => network.Module;

        public override string[] Sums { get; } = ["lossSum", "distanceSum"];

        public override Criterion ChosenBy { get; } = new("distance", HigherIsBetter: false);

        public override (string Name, Tensor Value) InputOf(Batch batch) => (network.Input.Name, network.Input.Fit(batch.Inputs));

        public override (Tensor Loss, Tensor Sums) Learn(Batch batch)
        {
            Tensor off = Off(batch), loss = off.square().mean();
            if (++_step == Poisoned)
                loss *= double.NaN;
            return (loss, stack([loss.detach() * batch.Count, off.detach().abs().sum()]).to(ScalarType.Float64));
        }

        public override Metrics MetricsOf(ReadOnlySpan<double> sums, int samples) =>
            new(("loss", sums[0] / samples), ("distance", sums[1] / samples));

        public override Measurement Measure(BatchSource samples, int batch, Device device, Action<int>? progress, CancellationToken cancel)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradients = no_grad();
            using BatchReader reader = samples.Open(BatchOrder.InSequence(samples.Count, samples.Count), 0, device, cancel);
            Tensor off = Off(reader.Next());
            return new Measured(new Metrics(("loss", off.square().mean().ToDouble()), ("distance", off.abs().mean().ToDouble())));
        }

        private Tensor Off(Batch batch) => network.Scores(batch.Inputs).select(1, 0) - batch.Targets;
    }

    private sealed record Measured(Metrics Metrics) : Measurement(Metrics)
    {
        public override IEnumerable<(string Name, object Value)> Details => [];
    }
}
