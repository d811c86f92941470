using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Commands;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>Features that a frozen backbone has made, kept for the next training.</summary>
[TestClass]
public sealed class FeatureCacheTests
{
    private static readonly TrainingOptions Frozen = Toys.Options with { FreezeBackbone = true, Epochs = 3 };

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _told = [];
    private OneThread? _thread;

    private string Kept => _folder.File("a.features.safetensors");

    [TestInitialize]
    public void Prepare()
    {
        _thread = new OneThread();
        Save("net.onnx", 1);
    }

    [TestCleanup]
    public void Clean()
    {
        _thread?.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    public void Of_SamePicturesAgain_ReadsTheSameNumbersAndRunsNothing()
    {
        using TrainingData data = Toys.Data();
        (string first, int computed) = Make(data);
        StringAssert.StartsWith(Only(), "the features of 270 pictures were computed in ");
        StringAssert.Contains(Only(), $" s and are kept in {Kept} (");

        _told.Clear();
        (string again, int computedAgain) = Make(data);

        Assert.AreEqual($"the features of 270 pictures are read from {Kept}", Only());
        Assert.AreEqual(first, again);
        Assert.AreEqual("270 0", $"{computed} {computedAgain}");
    }

    [TestMethod]
    public void Of_OtherWeights_ComputesAgainAndSaysWhy() =>
        ExpectNew("of another network or other weights", () => Save("net.onnx", 2), () => Toys.Data());

    [TestMethod]
    public void Of_OtherPreprocessing_ComputesAgainAndSaysWhy() =>
        ExpectNew("of pictures prepared as 8x8 gray, stretch, 0..1", () => { }, () => Toys.Data(3, 255));

    [TestMethod]
    public void Of_OtherSplit_ComputesAgainAndSaysWhy() => ExpectNew("of other pictures, or of others to learn from", () => { }, () =>
    {
        PictureSet train = Toys.Pictures(150, 2), validation = Toys.Pictures(60, 1);
        return new TrainingData(new DataReport("toys", 150, 60, "held-out", 0, [.. train.Classes]), train, validation, null);
    });

    [TestMethod]
    public void Of_FileOfAnotherRuntime_ComputesAgainAndSaysWhy() => ExpectNew("computed by ONNX Runtime 0.0.0", () =>
    {
        string text = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(Kept));
        int at = text.IndexOf("ONNX Runtime ", StringComparison.Ordinal) + "ONNX Runtime ".Length;
        string version = text[at..text.IndexOf('\\', at)];
        string other = "0.0.0".PadRight(version.Length);
        Assert.AreEqual(version.Length, other.Length);
        File.WriteAllBytes(Kept, System.Text.Encoding.Latin1.GetBytes(text[..at] + other + text[(at + version.Length)..]));
    }, () => Toys.Data());

    [TestMethod]
    public void Of_DamagedFile_ComputesAgainAndSaysWhy()
    {
        using TrainingData data = Toys.Data();
        (string first, _) = Make(data);
        byte[] whole = File.ReadAllBytes(Kept);
        File.WriteAllBytes(Kept, whole[..^7]);
        _told.Clear();
        (string again, int computed) = Make(data);
        Assert.AreEqual($"the features cannot be used and are computed again ({Kept}: ends early; the file is cut off)", _told[0]);
        Assert.AreEqual(first, again);
        Assert.AreEqual(270, computed);
        CollectionAssert.AreEqual(whole, File.ReadAllBytes(Kept));
    }

    [TestMethod]
    public void In_SharedFolder_KeepsTheFeaturesOfEachNetwork()
    {
        using TrainingData data = Toys.Data();
        Save("other.onnx", 2);
        foreach (string model in new[] { "net.onnx", "other.onnx", "net.onnx", "other.onnx" })
            _ = Make(data, FeatureCache.In(_folder.File("cache"), _told.Add), model);
        Assert.HasCount(2, Directory.GetFiles(_folder.File("cache")));
        Assert.AreEqual("computed computed read read", string.Join(' ', _told.Select(t => t.Contains("computed") ? "computed" : "read")));
    }

    // The weights of the classifier are new in each training, and the features do not follow from them.
    [TestMethod]
    public void Of_OtherSeedOfTheClassifier_ReadsTheFeatures()
    {
        using TrainingData data = Toys.Data();
        _ = Make(data);
        _told.Clear();
        _ = Make(data, options: Frozen with { Seed = 77 });
        StringAssert.Contains(Only(), "are read from");
    }

    [TestMethod]
    public void Run_FromKeptFeatures_ExportsTheSameBytes()
    {
        string first = Trained("one.onnx"), again = Trained("two.onnx");
        Assert.AreEqual("computed read", string.Join(' ', _told.Select(t => t.Contains("computed") ? "computed" : "read")));
        Assert.AreEqual(first, again);
    }

    [TestMethod]
    public void Of_ReadAndComputed_LeavesNoTensors()
    {
        using TrainingData data = Toys.Data();
        _ = Make(data);
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        _ = Make(data);
        File.Delete(Kept);
        _ = Make(data);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    private string Only() => _told.Single();

    private void ExpectNew(string reason, Action change, Func<TrainingData> then)
    {
        using (TrainingData data = Toys.Data())
            _ = Make(data);
        change();
        _told.Clear();
        using TrainingData other = then();
        (_, int computed) = Make(other);
        Assert.AreEqual($"the features in {Kept} are {reason}; they are computed again", _told[0].Replace("0.0.0 ", "0.0.0"));
        StringAssert.Contains(_told[1], " pictures were computed in ");
        Assert.IsGreaterThan(0, computed);
        _told.Clear();
        (_, computed) = Make(other);
        StringAssert.Contains(Only(), "are read from");
        Assert.AreEqual(0, computed);
    }

    private (string Bytes, int Computed) Make(
        TrainingData data, FeatureCache? cache = null, string model = "net.onnx", TrainingOptions? options = null)
    {
        int computed = 0;
        using Classifier classifier = Build(model, options ?? Frozen);
        using TrainingData features = FeatureSet.Of(
            data, classifier, CPU, count => computed += count, default, cache ?? FeatureCache.At(Kept, _told.Add));
        IEnumerable<BatchSource> parts = new[] { features.Train, features.Validation, features.Test }.OfType<BatchSource>();
        return (string.Join(';', parts.Select(Bytes)), computed);
    }

    private static string Bytes(BatchSource source)
    {
        using DisposeScope scope = NewDisposeScope();
        using BatchReader reader = source.Open(BatchOrder.InSequence(source.Count, source.Count), 0, CPU, default);
        Batch all = reader.Next();
        return Convert.ToHexString(TorchTensors.ToBytes(all.Inputs).Span) + Convert.ToHexString(TorchTensors.ToBytes(all.Targets).Span);
    }

    private string Trained(string name)
    {
        using TrainingData data = Toys.Data();
        using Classifier classifier = Build("net.onnx", Frozen);
        using TrainingData features = FeatureSet.Of(data, classifier, CPU, null, default, FeatureCache.At(Kept, _told.Add));
        using var run = new TrainingRun(
            Toys.Plan(_folder.File(name), Frozen), ClassificationTask.Of(classifier, features.Train, Frozen), features, CPU);
        run.Run(default);
        return Toys.Bytes(classifier.Module);
    }

    private Classifier Build(string model, TrainingOptions options) =>
        new ModelSource(_folder.File(model)).Build(Toys.Input, ["row", "column", "diagonal"], options, CPU);

    private void Save(string name, int seed)
    {
        var random = new Random(seed);
        string Weight(GraphBuilder graph, string weight, params long[] dims)
        {
            var shape = new TensorShape(dims);
            return graph.Initializer(weight, TensorData.FromArray(
                [.. Enumerable.Range(0, (int)shape.Count).Select(_ => (float)(random.NextDouble() - 0.5))], shape));
        }

        var graph = new GraphBuilder("backbone");
        string x = graph.Input("x", ElementType.Float, "batch", 1, 8, 8);
        string map = graph.Node("Relu", "map", [graph.Node("Conv", "conv", [x, Weight(graph, "conv.weight", 16, 1, 3, 3)])]);
        graph.Output(graph.Node("GlobalAveragePool", "pooled", [map]), ElementType.Float, "batch", 16, 1, 1);
        graph.Build().Save(_folder.File(name));
    }
}
