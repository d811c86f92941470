using System.Text.Json;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Dump;

/// <summary>What a dump says first about a model without a card: how the picture was made, and what the network sees in it.</summary>
[TestClass]
public sealed class ClassNamesDumpTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Dump_SqueezeNetOnACat_IsATabbyByDefault()
    {
        var run = Dump("SqueezeNet_fp16.onnx", "caffe_cat.jpg");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        // 0.53 here; resampling and half precision differ between processors by far less than the margin to the next class, 0.27.
        using JsonDocument manifest = Manifest();
        JsonElement best = manifest.RootElement.GetProperty("scores").GetProperty("top")[0];
        Assert.AreEqual((281, "tabby"), (best.GetProperty("index").GetInt32(), best.GetProperty("label").GetString()));
        Assert.AreEqual(0.53, best.GetProperty("probability").GetDouble(), 0.03);

        const string guess = "guessed 'caffe' because it was exported from Caffe (onnx-caffe2)";
        StringAssert.Contains(run.Error, $"input: {guess}; that is 224x224 bgr, crop, 0..255, mean [104, 117, 123]; say --preset NAME, "
            + $"or write it into the file with 'visualizer card'{Environment.NewLine}");
        StringAssert.Contains(run.Error, "class names: ImageNet's are assumed for 1000 outputs");
        Assert.AreEqual(guess, manifest.RootElement.GetProperty("preprocessingSource").GetString());
        Assert.AreEqual("caffe", manifest.RootElement.GetProperty("guess").GetProperty("preset").GetString());
        Assert.AreEqual("assumed to be ImageNet's", manifest.RootElement.GetProperty("scores").GetProperty("names").GetString());
        StringAssert.Contains(File.ReadAllText(_folder.File(Path.Combine("dump", "index.html"))), "exported from Caffe");
    }

    [TestMethod]
    public void Dump_FlagsAndNames_LeaveNothingToGuess()
    {
        var run = Dump("SqueezeNet_fp16.onnx", "caffe_cat.jpg", "--preset", "caffe", "--labels", "imagenet");
        StringAssert.Contains(run.Error, "preprocessing: 224x224 bgr, crop, 0..255, mean [104, 117, 123] (given by options)");
        foreach (string word in new[] { "guess", "assumed" })
            Assert.DoesNotContain(word, run.Error);
        StringAssert.Contains(run.Output, "tabby 5");
    }

    [TestMethod]
    public void Dump_WithoutNames_ShowsTheLargestOutputs()
    {
        var run = Dump("resnet20_cifar10.onnx", "caffe_cat.jpg");
        StringAssert.Contains(run.Output, "largest outputs: 3: ");
        using JsonDocument manifest = Manifest();
        JsonElement scores = manifest.RootElement.GetProperty("scores");
        Assert.AreEqual(5, scores.GetProperty("top").GetArrayLength());
        Assert.AreEqual(3, scores.GetProperty("top")[0].GetProperty("index").GetInt32());
        Assert.AreEqual(JsonValueKind.Null, scores.GetProperty("top")[0].GetProperty("label").ValueKind);
    }

    [TestMethod]
    public void Dump_NamesOfAnotherNumber_AreRefusedBeforeAnythingIsWritten()
    {
        var run = Dump("resnet20_cifar10.onnx", "caffe_cat.jpg", "--labels", "coco");
        Assert.AreEqual(2, run.ExitCode);
        StringAssert.EndsWith(run.LastError, "80 class names were given, its outputs have 10 scores; expected as many names as scores");
        Assert.IsFalse(Directory.Exists(_folder.File("dump")));
    }

    private ProgramRun Dump(string model, string picture, params string[] options) => ProgramRun.Visualizer(
        ["dump", SharedData.Require("onnx-models", "classification", model), SharedData.Require("images", picture), "--out",
            _folder.File("dump"), "--last", "1", "--without", "kernels,pca", .. options]);

    private JsonDocument Manifest() => JsonDocument.Parse(File.ReadAllText(_folder.File(Path.Combine("dump", "manifest.json"))));
}
