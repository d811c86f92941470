using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using OpenCvSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

[TestClass]
public sealed class TrainingRunTests
{
    private OneThread? _thread;

    [TestInitialize]
    public void UseOneThread() => _thread = new OneThread();

    [TestCleanup]
    public void UseAllThreads() => _thread?.Dispose();

    [TestMethod]
    public void Run_Toy_LearnsIt()
    {
        using var folder = new TemporaryFolder();
        (_, TrainingPosition position) =
            Train(folder.File("a.onnx"), Toys.Options with { Epochs = 15, Optimizer = "adam", LearningRate = 0.02 });
        Assert.IsGreaterThan(0.95, position.Best!.Validation["accuracy"]);
        Assert.IsLessThan(position.History[0].Train["loss"] / 2, position.History[^1].Train["loss"]);
    }

    [TestMethod]
    public void Run_SameSeed_GivesTheSameBytesAndAnotherSeedOthers()
    {
        using var folder = new TemporaryFolder();
        (string first, _) = Train(folder.File("a.onnx"), Toys.Options);
        (string again, _) = Train(folder.File("b.onnx"), Toys.Options);
        (string other, _) = Train(folder.File("c.onnx"), Toys.Options with { Seed = 4 });
        Assert.AreEqual(first, again);
        Assert.AreNotEqual(first, other);
    }

    // 4 epochs at once against 2, a checkpoint, and 2 more in a process that knows nothing but the file.
    [TestMethod]
    [DataRow("sgd")]
    [DataRow("momentum")]
    [DataRow("adam")]
    [DataRow("adamw")]
    public void Restore_AfterTwoEpochs_EndsWithTheSameBytes(string optimizer)
    {
        using var folder = new TemporaryFolder();
        TrainingOptions options = Toys.Options with { Optimizer = optimizer, WeightDecay = 0.01 };
        (string straight, TrainingPosition whole) = Train(folder.File("a.onnx"), options);

        (string half, _) = Train(folder.File("b.onnx"), options with { Epochs = 2 });
        (string rest, TrainingPosition position) = Resume(folder.File("b.last.ckpt"), epochs: 4);

        Assert.AreNotEqual(straight, half);
        Assert.AreEqual(straight, rest);
        CollectionAssert.AreEqual(whole.History, position.History);
    }

    // Stopped within an epoch, after any batch: the order of the rest, the running sums and the schedule go on as well.
    [TestMethod]
    [DataRow("adam", "cosine", 1)]
    [DataRow("momentum", "step", 7)]
    [DataRow("adam", "cosine", 10)]
    [DataRow("sgd", "constant", 23)]
    public void Restore_StoppedAfterABatch_EndsWithTheSameBytes(string optimizer, string schedule, int stopAfter)
    {
        using var folder = new TemporaryFolder();
        TrainingOptions options = Toys.Options with { Optimizer = optimizer, Schedule = schedule };
        (string straight, TrainingPosition whole) = Train(folder.File("a.onnx"), options);

        Assert.Throws<OperationCanceledException>(() => Train(folder.File("b.onnx"), options, stopAfter));
        TrainingPosition stopped = Checkpoint.Read(folder.Path + "/b.last.ckpt").Checkpoint.Position;
        (string rest, TrainingPosition position) = Resume(folder.File("b.last.ckpt"));

        Assert.AreEqual(stopAfter, (stopped.Epoch * 10) + stopped.Batch);
        Assert.AreEqual(straight, rest);
        CollectionAssert.AreEqual(whole.History, position.History);
    }

    [TestMethod]
    public void Run_RandomNumbersInTheNetwork_GoOnWhereTheyWere()
    {
        using var folder = new TemporaryFolder();
        using Classifier classifier = Toys.Build(Toys.Options);
        using var optimizer = new Optimizer(classifier.Module.named_parameters(), "sgd");
        _ = manual_seed(17);
        using Tensor used = rand(100);
        var checkpoint = new Checkpoint(Toys.Plan("a.onnx", Toys.Options), new DataReport("", 0, 0, "", 0, []), new TrainingPosition());
        checkpoint.Save(folder.File("a.last.ckpt"), classifier.Module, optimizer);
        using Tensor expected = rand(5);

        _ = manual_seed(0);
        checkpoint.Restore(folder.File("a.last.ckpt"), classifier.Module, optimizer);

        using Tensor got = rand(5);
        Assert.IsTrue(got.equal(expected).all().ToBoolean());
    }

    [TestMethod]
    public void Run_BestCheckpoint_IsThatOfTheBestEpoch()
    {
        using var folder = new TemporaryFolder();
        (_, TrainingPosition position) = Train(folder.File("a.onnx"), Toys.Options with { Epochs = 8, LearningRate = 0.3 });
        Checkpoint best = Checkpoint.Read(folder.File("a.best.ckpt")).Checkpoint;
        Assert.AreEqual(position.Best, best.Position.History[^1]);
        Assert.AreEqual(position.History.Max(e => e.Validation["accuracy"]), position.Best!.Validation["accuracy"]);
        CollectionAssert.AreEquivalent(
            new[] { "a.best.ckpt", "a.last.ckpt" }, Directory.GetFiles(folder.Path).Select(Path.GetFileName).ToArray());
    }

    // Pictures to test with choose nothing: the last epoch stays, also where an earlier one was better on them.
    [TestMethod]
    public void Run_MeasuredOnTestPictures_KeepsTheLastEpoch()
    {
        using var folder = new TemporaryFolder();
        TrainingOptions options = Toys.Options with { Epochs = 8, LearningRate = 0.3 };
        using TrainingData data = Toys.Data("test");
        using Classifier classifier = Toys.Build(options);
        using var run = new TrainingRun(Toys.Plan(folder.File("a.onnx"), options), Toys.Task(classifier), data, CPU);

        run.Run(default);

        Assert.IsTrue(run.Position.History[..^1].Any(e => Toys.Task(classifier).ChosenBy.Prefers(e, run.Position.History[^1])),
            "An earlier epoch has to look better.");
        Assert.AreEqual(run.Position.History[^1], run.Position.Best);
    }

    [TestMethod]
    public void Run_Losses_AreMeansOverPicturesNotOverBatches()
    {
        using var folder = new TemporaryFolder();
        using TrainingData data = Toys.Data();
        // Steps so small that nothing changes: the mean over an epoch's batches is the loss of the first weights.
        TrainingOptions still = Toys.Options with { Epochs = 1, LearningRate = 1e-12 };
        using Classifier classifier = Toys.Build(still);
        Score first = Toys.Task(classifier).Measure(data.Train, 256, CPU, null, default);
        using var run = new TrainingRun(Toys.Plan(folder.File("a.onnx"), still), Toys.Task(classifier), data, CPU);

        run.Run(default);

        // 9 batches of 16 and one of 6: a mean over batches would be off in the second digit
        Assert.AreEqual(first.Loss, run.Position.History[0].Train["loss"], 1e-6);
        Assert.AreEqual(first.Accuracy, run.Position.History[0].Train["accuracy"]);
    }

    [TestMethod]
    public void Run_LossIsNoNumber_StopsWithOneLine()
    {
        using var folder = new TemporaryFolder();
        var fault = Assert.ThrowsExactly<BadInputException>(() => Train(folder.File("a.onnx"), Toys.Options with { LearningRate = 1e30 }));
        StringAssert.Matches(fault.Message, new System.Text.RegularExpressions.Regex(
            @"^toy: the loss is (NaN|∞|Infinity) in epoch 1, batch \d+ of 10, with the learning rate 1\d+; "
                + "expected a number, try a smaller one$"));
    }

    [TestMethod]
    public void Restore_OtherData_IsRefused()
    {
        using var folder = new TemporaryFolder();
        _ = Train(folder.File("a.onnx"), Toys.Options with { Epochs = 1 });
        (Checkpoint checkpoint, string path) = Checkpoint.Read(folder.Path);
        using TrainingData data = Toys.Data();
        using Classifier classifier = Toys.Build(Toys.Options);
        using var run = new TrainingRun(
            checkpoint.Plan, Toys.Task(classifier), data with { Report = data.Report with { Train = 149 } }, CPU);
        var fault = Assert.ThrowsExactly<BadInputException>(() => run.Restore(checkpoint, path));
        Assert.AreEqual(
            $"{path}: was trained on toys (150 pictures in 3 classes), the data now is toys (149 pictures in 3 classes); "
                + "expected the same", fault.Message);
    }

    [TestMethod]
    [DataRow("sgd")]
    [DataRow("adam")]
    public void Run_ThreeEpochs_LeavesNoTensors(string optimizer)
    {
        using var folder = new TemporaryFolder();
        TrainingOptions options = Toys.Options with { Epochs = 3, Optimizer = optimizer };
        _ = Train(folder.File("a.onnx"), options with { Epochs = 1 });
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        _ = Train(folder.File("a.onnx"), options);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        _ = Resume(folder.File("a.last.ckpt"), epochs: 4);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    // Decoded anew in every epoch, by any number of threads, stopped in the second: the same weights as from the store.
    [TestMethod]
    public void Run_PicturesFromAStream_LearnsWhatItLearnsFromTheStore()
    {
        using var folder = new TemporaryFolder();
        (string stored, _) = Train(folder.File("a.onnx"), Toys.Options);
        (string streamed, _) = Train(folder.File("b.onnx"), Toys.Options, data: Streamed(folder.File("pictures"), workers: 1));
        Assert.Throws<OperationCanceledException>(
            () => Train(folder.File("c.onnx"), Toys.Options, stopAfter: 13, Streamed(folder.File("pictures"), workers: 3)));
        (string resumed, _) = Resume(folder.File("c.last.ckpt"), data: Streamed(folder.File("pictures"), workers: 2));
        Assert.AreEqual(stored, streamed);
        Assert.AreEqual(stored, resumed);
    }

    /// <summary>The toys with their pictures to learn from in files.</summary>
    private static TrainingData Streamed(string folder, int workers)
    {
        TrainingData data = Toys.Data();
        string[] paths = [.. Enumerable.Range(0, data.Train.Count).Select(i => Path.Combine(folder, $"{i}.png"))];
        for (int i = 0; i < paths.Length; i++)
        {
            using var picture = new Mat(8, 8, MatType.CV_8UC1);
            data.Train.Bytes(i).CopyTo(picture.AsSpan<byte>());
            PictureFile.Write(paths[i], picture);
        }

        data.Train.Dispose();
        return data with
        {
            Train = new PictureStream(Toys.Input, data.Report.Classes, [.. data.Train.Labels], paths) { Workers = workers },
        };
    }

    private static (string Weights, TrainingPosition Position) Train(string model, TrainingOptions options,
        int? stopAfter = null, TrainingData? data = null)
    {
        using TrainingData used = data ?? Toys.Data();
        using Classifier classifier = Toys.Build(options);
        using var cancel = new CancellationTokenSource();
        int steps = 0;
        using var run = new TrainingRun(Toys.Plan(model, options), Toys.Task(classifier), used, CPU)
        {
            OnProgress = now =>
            {
                if (now.Done is null && ++steps == stopAfter)
                    cancel.Cancel();
            },
        };
        run.Run(cancel.Token);
        return (Toys.Bytes(classifier.Module), run.Position);
    }

    private static (string Weights, TrainingPosition Position) Resume(string path, int? epochs = null, TrainingData? data = null)
    {
        (Checkpoint checkpoint, string file) = Checkpoint.Read(path);
        TrainingPlan plan =
            checkpoint.Plan with { Options = checkpoint.Plan.Options with { Epochs = epochs ?? checkpoint.Plan.Options.Epochs } };
        using TrainingData used = data ?? Toys.Data();
        using Classifier classifier = Toys.Build(plan.Options with { Seed = 99 });
        using var run = new TrainingRun(plan, Toys.Task(classifier), used, CPU);
        run.Restore(checkpoint, file);
        run.Run(default);
        return (Toys.Bytes(classifier.Module), run.Position);
    }
}
