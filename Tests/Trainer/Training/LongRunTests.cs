using CnnOnnx.Tests.Data;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>What several hundred steps leave behind, with everything on that a training can be told.</summary>
[TestClass]
public sealed class LongRunTests
{
    private static readonly TrainingOptions Everything = Toys.Options with
    {
        Epochs = 40,
        Optimizer = "adamw",
        LearningRate = 0.001,
        Schedule = "cosine",
        Augment = "flip,flip-vertical,rotate=0.1,crop=0.7,zoom=0.3,translate=0.2,colour=0.3,contrast=0.3,erase=0.3,mixup=0.3,cutmix=1",
        ClassWeights = true,
        Balanced = true,
        LabelSmoothing = 0.1,
        Clip = 1,
        Ema = 0.99,
        LayerDecay = 0.8,
        Patience = 100,
    };

    private OneThread? _thread;

    [TestInitialize]
    public void UseOneThread() => _thread = new OneThread();

    [TestCleanup]
    public void UseAllThreads() => _thread?.Dispose();

    // 400 steps and 40 evaluations, with checkpoints: as many tensors after each epoch as after the first.
    [TestMethod]
    public void Run_FourHundredStepsWithEverything_KeepsAsManyTensorsAsAfterTheFirstEpoch()
    {
        using TrainingData data = Toys.Data();
        data.Train.Augmentation = Augmentation.Parse(Everything.Augment);
        long before = Live();
        List<long> counts = Counts(data);
        Assert.HasCount(40, counts);
        Assert.AreEqual($"{counts[0]}", string.Join(' ', counts.Distinct()));
        Assert.AreEqual(before, Live());
    }

    // The same from files that are decoded and changed in every epoch by threads of their own, where the Mats are.
    [TestMethod]
    public void Run_DecodedPicturesWithEverything_DisposesEveryMat()
    {
        using var folder = new TemporaryFolder();
        PictureFolders.Write(folder.File("pictures"), ["a", "b", "c"], 50);
        string[] files = [.. Directory.GetFiles(folder.File("pictures"), "*.png", SearchOption.AllDirectories).Order()];
        int[] labels = [.. files.Select(f => "abc".IndexOf(Path.GetFileName(Path.GetDirectoryName(f))!, StringComparison.Ordinal))];
        Assert.DoesNotContain(-1, labels);
        var counts = new List<long>();
        long before = Live();
        int abandoned = AbandonedMats.After(() =>
        {
            var train = new PictureStream(Toys.Input, ["a", "b", "c"], labels, files)
            {
                Augmentation = Augmentation.Parse(Everything.Augment),
            };
            var validation = new PictureStream(Toys.Input, ["a", "b", "c"], labels, files);
            using var data = new TrainingData(
                new DataReport("files", files.Length, files.Length, "held-out", 0, ["a", "b", "c"]), train, validation, null);
            counts = Counts(data, Everything with { Epochs = 20 });
        });
        Assert.AreEqual(0, abandoned);
        Assert.HasCount(20, counts);
        Assert.AreEqual($"{counts[0]}", string.Join(' ', counts.Distinct()));
        Assert.AreEqual(before, Live());
    }

    private static List<long> Counts(TrainingData data, TrainingOptions? changed = null)
    {
        TrainingOptions options = changed ?? Everything;
        using var folder = new TemporaryFolder();
        var counts = new List<long>();
        using Classifier classifier = Toys.Build(options) with { Features = "flatten" };
        using var run = new TrainingRun(
            Toys.Plan(folder.File("a.onnx"), options), ClassificationTask.Of(classifier, data.Train, options), data, CPU)
        {
            // Between batches the clock says how many sums wait to be read.
            OnProgress = now =>
            {
                if (now.Done is not null)
                    counts.Add(Live());
            },
        };
        run.Run(default);
        return counts;
    }

    private static long Live() => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
}
