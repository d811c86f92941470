using CnnOnnx.Cli;
using CnnOnnx.Onnx;
using CnnOnnx.Tests.Import;
using CnnOnnx.Tests.Support;
using CnnOnnx.Trainer.Commands;
using CnnOnnx.Trainer.Data;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Commands;

/// <summary>Darknet's weights for an architecture that finds boxes, exported and trained on, as a user calls it.</summary>
[TestClass]
public sealed class DarknetDetectorTests
{
    private const string Stem = "backbone.stem.conv.weight", Deepest = "backbone.5.3.wide.conv.weight", Head = "head.8.weight";

    private const int Header = 20, Narrowed = 8;

    private readonly TemporaryFolder _folder = new();
    private int _threads;

    private string Weights => _folder.File("narrow.weights");

    private string Backbone => _folder.File("narrow.conv.74");

    private string Exported => _folder.File("exported.onnx");

    [TestInitialize]
    public void WriteWeights()
    {
        _threads = get_num_threads();
        string cfg = _folder.File("net.cfg");
        DarknetFiles.WriteCfg(SharedData.Require("darknet", "cfg", "yolov3.cfg"), cfg, 64);
        DarknetFiles.Narrow(cfg, Narrowed, BoxPictures.Classes.Count);
        DarknetFiles.WriteWeights(cfg, Weights);
        File.WriteAllLines(_folder.File("names"), BoxPictures.Classes);
    }

    [TestCleanup]
    public void Clean()
    {
        set_num_threads(_threads);
        _folder.Dispose();
    }

    [TestMethod]
    public void Export_WholeFile_IsADetectorWithTheFilesWeights()
    {
        (int code, string output, string error) = Export(Weights);

        Assert.AreEqual(0, code, error);
        StringAssert.Contains(output, ", 8 stages, 3 yolov3 heads of 4 classes");
        StringAssert.Contains(error, " weights of Darknet 0.2.0 for the whole network");
        // the stem has 8 biases, scales, means and variances in front of its kernels
        Assert.AreEqual(BitConverter.ToSingle(File.ReadAllBytes(Weights), Header + (4 * 4 * 8)), Values(Exported, Stem)[0]);
        (code, output, error) = Trainer("detect", Exported, DrawnPicture(), "--out", _folder.File("found"), "--device", "cpu");
        Assert.AreEqual(0, code, error);
        Assert.IsTrue(File.Exists(_folder.File("found", "boxes.json")), output);
    }

    // Frozen, the convolutions of the backbone are in the result as they were in the file.
    [TestMethod]
    public void Train_WholeFile_GoesOnFromItWithThePapersAnchors()
    {
        Export(Weights);

        (int code, _, string error) = Train(Weights, "--freeze", "backbone.*");

        Assert.AreEqual(0, code, error);
        StringAssert.Contains(error, " weights of Darknet 0.2.0 for the whole network");
        StringAssert.Contains(error, "the anchors are the paper's, with which the heads' weights were made");
        string trained = _folder.File("out", "trained.onnx");
        foreach (string frozen in new[] { Stem, Deepest })
            CollectionAssert.AreEqual(Values(Exported, frozen), Values(trained, frozen));
        // at the rate of a hundredth the head has moved, but not far
        float[] before = Values(Exported, Head), after = Values(trained, Head);
        CollectionAssert.AreNotEqual(before, after);
        Assert.IsLessThan(0.1, before.Zip(after, (a, b) => Math.Abs(a - b)).Max());
    }

    [TestMethod]
    public void Train_FileOfTheBackbone_BeginsItsHeadsAnew()
    {
        Export(Weights);
        long values = OnnxModel.Read(Exported).Graph.Initializers
            .Where(i => i.Name.StartsWith("backbone", StringComparison.Ordinal) && !i.Name.StartsWith("scales", StringComparison.Ordinal))
            .Sum(i => i.Shape.Count);
        File.WriteAllBytes(Backbone, File.ReadAllBytes(Weights)[..(Header + (4 * (int)values))]);

        (int code, _, string error) = Train(Backbone, "--freeze", "backbone.*");

        Assert.AreEqual(0, code, error);
        StringAssert.Contains(error, $"{values:N0} weights of Darknet 0.2.0 for the first 52 convolutions");
        StringAssert.Contains(error, "found in ");
        string trained = _folder.File("out", "trained.onnx");
        CollectionAssert.AreEqual(Values(Exported, Deepest), Values(trained, Deepest));
        // first weights of a head have a spread of a hundredth, the file's are ten times as large
        Assert.IsLessThan(0.1f, Values(trained, Head).Max(Math.Abs));

        File.Delete(Exported);
        (code, _, error) = Export(Backbone);
        Assert.AreEqual(2, code);
        StringAssert.StartsWith(error, $"error: {Backbone}: has weights for the first 52 convolutions only; expected those of the whole ");
        Assert.IsFalse(File.Exists(Exported));
    }

    [TestMethod]
    public void Train_OtherWidthOrClasses_IsOneLine()
    {
        DrawSet();
        (int code, _, string error) = Trainer("train", "yolov3", "--width", "0.25", "--weights", Weights, "--data", _folder.File("set"),
            "--size", "64", "--out", _folder.File("out", "trained.onnx"), "--quiet");
        Assert.AreEqual(2, code, error);
        StringAssert.Contains(error, "it is cut off within a layer, or belongs to another network or width");
        Assert.HasCount(1, error.TrimEnd().Split('\n'));

        File.WriteAllLines(_folder.File("names"), ["cat", "dog"]);
        (code, _, error) = Export(Weights);
        Assert.AreEqual(2, code, error);
        StringAssert.Contains(error, "it tells 4 classes apart, 2 are asked for; expected the same classes");
        Assert.IsFalse(File.Exists(_folder.File("out", "trained.onnx")));
    }

    private (int Code, string Output, string Error) Export(string weights) => Trainer("export", "yolov3-0.125", "--weights", weights,
        "--out", Exported, "--size", "64", "--labels", _folder.File("names"));

    private (int Code, string Output, string Error) Train(string weights, params string[] more)
    {
        DrawSet();
        return Trainer(["train", "yolov3", "--width", "0.125", "--weights", weights, "--data", _folder.File("set"), "--size", "64",
            "--out", _folder.File("out", "trained.onnx"), "--epochs", "1", "--batch", "4", "--warm-up", "0", "--threads", "1", .. more]);
    }

    private void DrawSet()
    {
        (int code, _, string error) = Trainer("data", "boxes", _folder.File("set"), "--train", "8", "--test", "2", "--size", "64");
        Assert.AreEqual(0, code, error);
    }

    private string DrawnPicture()
    {
        DrawSet();
        return _folder.File("set", "images", "test", "0001.png");
    }

    private static float[] Values(string path, string weight) =>
        OnnxModel.Read(path).Graph.Initializer[weight].Load().As<float>().ToArray();

    private static (int Code, string Output, string Error) Trainer(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = CommandHost.Run(TrainerCommands.Root(), arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
