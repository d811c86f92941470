using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tests.Data;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>Training as a program does it that has the library and nothing else.</summary>
[TestClass]
public sealed class ModelTrainerTests
{
    private static readonly TrainingOptions Options = TrainingOptions.FineTuning with { Epochs = 3, Batch = 4, Threads = 1, Seed = 5 };

    private readonly TemporaryFolder _folder = new();
    private int _threads;

    private PictureFolder Pictures => PictureFolder.Open(_folder.File("pictures"));

    [TestInitialize]
    public void Prepare()
    {
        _threads = get_num_threads();
        PictureFolders.Write(_folder.File("pictures"), ["a", "b", "c"], 10);
        HeadGraphs.Build("gemm").Save(_folder.File("net.onnx"));
    }

    [TestCleanup]
    public void Clean()
    {
        set_num_threads(_threads);
        _folder.Dispose();
    }

    // Two of 22 pictures are fewer than a tenth, and all of a class.
    [TestMethod]
    public void Run_ClassOfWhichNothingCanBeRead_IsRefused()
    {
        string[] broken = [.. Directory.GetFiles(_folder.File("pictures"), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(Path.GetDirectoryName(file)) == "b").Order(StringComparer.Ordinal)];
        foreach (string file in broken[2..])
            File.Delete(file);
        foreach (string file in broken[..2])
            File.WriteAllText(file, "no picture");
        var trainer = new ModelTrainer(OnnxModel.Read(_folder.File("net.onnx"))) { Options = Options };
        string message = Assert.ThrowsExactly<BadInputException>(() => trainer.Run(Pictures, _folder.File("out", "net.onnx"))).Message;
        StringAssert.StartsWith(message, $"{_folder.File("pictures")}: none of the 1 pictures of class 'b' to train with can be read");
    }

    // A detector's head: the last layer with weights is a convolution, and there is a score for each place.
    [TestMethod]
    public void Run_ScoresOfManyPlaces_AreRefusedBeforeTheTraining()
    {
        Directory.Delete(_folder.File("pictures", "c"), recursive: true);
        var model = OnnxModel.Read(SharedData.Require("onnx-models", "detection", "yunet_n_dynamic.onnx"));
        var trainer = new ModelTrainer(model) { Options = Options };
        string message = Assert.ThrowsExactly<OnnxException>(() => trainer.Run(Pictures, _folder.File("out", "net.onnx"))).Message;
        StringAssert.StartsWith(message, $"{model.Source}: gives ");
        StringAssert.Contains(message, "expected one for each of 2 classes; its output may be a map");
        Assert.IsFalse(Directory.Exists(_folder.File("out")), "nothing is written");
    }

    [TestMethod]
    public void Run_Pictures_WritesAProvenModelAndTellsOfEveryBatchAndEpoch()
    {
        var told = new List<TrainingProgress>();

        TrainingReport report = Trainer(Options).Run(Pictures, _folder.File("out.onnx"), new Told(told.Add));

        Assert.IsTrue(report.Proof.Holds);
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, OnnxModel.Read(_folder.File("out.onnx")).Card.Labels);
        CollectionAssert.AreEqual(new[] { _folder.File("out.onnx") }, report.Files);
        Assert.AreEqual("24 train, 6 held-out", $"{report.Data.Train} train, {report.Data.Validation} {report.Data.ValidatedOn}");
        // 24 pictures in batches of 4, three times
        Assert.AreEqual(3 * (6 + 1), told.Count);
        Assert.AreEqual(3 * 24, told.Sum(t => t.Pictures));
        CollectionAssert.AreEqual(report.Epochs, told.Select(t => t.Done).OfType<EpochResult>().ToArray());
        Assert.AreEqual("loss accuracy", string.Join(' ', report.Best.Validation.Select(m => m.Key)));
        Assert.AreEqual(told[^1].Loss, report.Epochs[^1].Train["loss"]);
        Assert.AreEqual("confusion", report.ToJson().Select(p => p.Key).TakeWhile(k => k != "proof").Last());
        using var session = ActivationSession.Open(_folder.File("out.onnx"));
    }

    // Cancelled within the second epoch, and gone on with by a program that has the file only.
    [TestMethod]
    public void Resume_Cancelled_WritesTheSameModel()
    {
        _ = Trainer(Options).Run(Pictures, _folder.File("straight", "net.onnx"));
        using var cancel = new CancellationTokenSource();
        int batches = 0;
        Assert.Throws<OperationCanceledException>(() => Trainer(Options).Run(Pictures, _folder.File("stopped", "net.onnx"), new Told(now =>
        {
            if (now.Done is null && ++batches == 8)
                cancel.Cancel();
        }), cancel.Token));
        Assert.IsFalse(File.Exists(_folder.File("stopped", "net.onnx")));

        TrainingReport report = Trainer(new TrainingOptions()).Resume(Pictures, _folder.File("stopped"));

        Assert.HasCount(3, report.Epochs);
        CollectionAssert.AreEqual(
            File.ReadAllBytes(_folder.File("straight", "net.onnx")), File.ReadAllBytes(_folder.File("stopped", "net.onnx")));
    }

    // A constant learning rate, so that three epochs and one more are four.
    [TestMethod]
    public void Resume_MoreEpochs_IsAsIfThereHadBeenSoMany()
    {
        TrainingOptions constant = Options with { Schedule = "constant" };
        _ = Trainer(constant with { Epochs = 4 }).Run(Pictures, _folder.File("straight", "net.onnx"));
        _ = Trainer(constant).Run(Pictures, _folder.File("longer", "net.onnx"));

        TrainingReport report = Trainer(new TrainingOptions()).Resume(Pictures, _folder.File("longer"), epochs: 4);

        Assert.HasCount(4, report.Epochs);
        Assert.AreEqual(4, report.Options.Epochs);
        CollectionAssert.AreEqual(
            File.ReadAllBytes(_folder.File("straight", "net.onnx")), File.ReadAllBytes(_folder.File("longer", "net.onnx")));
        Assert.AreEqual($"{_folder.File("longer", "net.last.ckpt")}: has 4 epochs behind it, got 2 in all; expected at least as many",
            Assert.ThrowsExactly<BadInputException>(() => Trainer(constant).Resume(Pictures, _folder.File("longer"), epochs: 2)).Message);
    }

    [TestMethod]
    public void Run_Cancelled_LeavesNoTensors()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() => Trainer(Options).Run(Pictures, _folder.File("a.onnx"), null, cancel.Token));
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        Assert.Throws<OperationCanceledException>(() => Trainer(Options).Run(Pictures, _folder.File("a.onnx"), null, cancel.Token));
        Assert.Throws<BadInputException>(() => Trainer(Options with { Freeze = ["nothing"] }).Run(Pictures, _folder.File("a.onnx")));
        _ = Trainer(Options).Run(Pictures, _folder.File("a.onnx"));
        Assert.AreEqual(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Run_OptionsThatWillNotDo_AreOneLine()
    {
        Expect("the optimizer is 'sdg', expected one of adam, adamw, momentum, sgd", Options with { Optimizer = "sdg" });
        Expect("the schedule is '', expected one of constant, cosine, decay, step", Options with { Schedule = "" });
        Expect("the init is 'zero', expected one of kaiming, normal, torch, xavier", Options with { Init = "zero" });
        Expect("epochs, batch and learning rate are 0, 4 and 0.005; expected at least 1 epoch, 1 picture and a rate above 0",
            Options with { Epochs = 0 });
        Expect("epochs, batch and learning rate are 3, 4 and NaN; expected at least 1 epoch, 1 picture and a rate above 0",
            Options with { LearningRate = double.NaN });
        Expect("the validation share is 1, expected a number from 0 to below 1", Options with { ValidationShare = 1 });
    }

    private void Expect(string message, TrainingOptions options) => Assert.AreEqual(
        message, Assert.ThrowsExactly<BadInputException>(() => Trainer(options).Run(Pictures, _folder.File("a.onnx"))).Message);

    private ModelTrainer Trainer(TrainingOptions options) =>
        new(OnnxModel.Read(_folder.File("net.onnx"))) { Options = options, Device = ComputeDevice.Cpu };

    private sealed class Told(Action<TrainingProgress> tell) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => tell(value);
    }
}
