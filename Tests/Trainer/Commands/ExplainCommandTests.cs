using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Formats;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Trainer.Commands;
using OpenCvSharp;
using TorchSharp;

namespace CnnOnnx.Tests.Commands;

/// <summary>trainer explain, as a user calls it.</summary>
[TestClass]
public sealed class ExplainCommandTests
{
    private readonly TemporaryFolder _folder = new();
    private int _threads;

    private static string LeNet => Path.Combine(Repository.Root, "models", "lenet.onnx");

    private string Why => _folder.File("why");

    [TestInitialize]
    public void RememberThreads() => _threads = torch.get_num_threads();

    [TestCleanup]
    public void Clean()
    {
        torch.set_num_threads(_threads);
        _folder.Dispose();
    }

    [TestMethod]
    public void OnePicture_WritesAllThatIsPromised()
    {
        string picture = TestPictures.Write(_folder.File("digit.png"), 60, 40);

        (int code, string output, string error) = Trainer("explain", LeNet, picture, "--method", "grad-cam,guided-backprop", "--target",
            "top,3", "--layer", "relu1,relu2", "--out", Why, "--threads", "1");

        Assert.AreEqual(0, code, error);
        StringAssert.Contains(error, "cost: about ");
        StringAssert.Contains(output, Path.Combine(Why, "index.html"));
        foreach (string file in new[] { "index.html", "manifest.json", "maps.npz", "scores.csv", "contact-sheet.png" })
            Assert.IsTrue(File.Exists(Path.Combine(Why, file)), file);
        Assert.IsEmpty(Directory.GetFiles(Why, "*.part", SearchOption.AllDirectories));

        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(Why, "manifest.json")));
        JsonElement root = manifest.RootElement;
        JsonElement[] maps = [.. root.GetProperty("maps").EnumerateArray()];
        Assert.HasCount(2 * 2 + 2, maps, "two layers of Grad-CAM and one input of guided backprop, for two targets");
        Assert.AreEqual(2, root.GetProperty("sheets").GetArrayLength(), "methods of layers by layer, those of pixels apart");
        Assert.HasCount(64, root.GetProperty("model").GetProperty("sha256").GetString()!);
        Assert.AreEqual("paper", root.GetProperty("convention").GetString());
        StringAssert.StartsWith(root.GetProperty("targets")[1].GetProperty("description").GetString(), "score of class 3 ");
        using JsonDocument drawn = PageMaps(File.ReadAllText(Path.Combine(Why, "index.html")));
        foreach (JsonElement map in drawn.RootElement.EnumerateArray())
            Assert.IsTrue(map.GetProperty("of").ValueKind == JsonValueKind.Array
                || File.Exists(Path.Combine(Why, map.GetProperty("values").GetProperty("file").GetString()!)), "values for the pointer");

        foreach (JsonElement map in maps)
        {
            string overlay = map.GetProperty("files").GetProperty("overlay").GetString()!;
            using Mat over = PictureFile.Read(Path.Combine(Why, overlay));
            Assert.AreEqual(new Size(40, 60), over.Size(), "the picture's own size");
        }

        using NpzReader archive = NpzReader.Open(Path.Combine(Why, "maps.npz"));
        CollectionAssert.AreEquivalent(maps.Select(map => map.GetProperty("key").GetString()).ToArray(), archive.Keys.ToArray());
        JsonElement first = maps.First(map => map.GetProperty("layer").GetString() == "relu1");
        TensorData raw = archive.Read(first.GetProperty("key").GetString()!);
        Assert.AreEqual(first.GetProperty("min").GetSingle(), raw.ToFloats().Min(), "the range before any ReLU");
        StringAssert.StartsWith(first.GetProperty("key").GetString(), "grad-cam/relu1/");
    }

    [TestMethod]
    public void AFolderAndAVideo_GetAFolderEachAndAnOverview()
    {
        Directory.CreateDirectory(_folder.File("in"));
        TestPictures.Write(_folder.File("in", "a.png"), seed: 1);
        TestPictures.Write(_folder.File("in", "b.png"), seed: 2);
        File.WriteAllText(_folder.File("in", "c.png"), "no picture");
        string clip = _folder.File("clip.avi");
        using (var writer = new VideoWriter(clip, FourCC.MJPG, 10, new Size(32, 32)))
            for (int frame = 0; frame < 4; frame++)
            {
                using Mat picture = TestPictures.Noise(32, 32, frame);
                writer.Write(picture);
            }

        (int code, string output, string error) = Trainer(
            "explain", LeNet, _folder.File("in"), clip, "--every", "2", "--method", "grad-cam", "--out", Why, "--threads", "1");

        Assert.AreEqual(0, code, error);
        StringAssert.Contains(output, "4 inputs explained, 1 left out");
        StringAssert.Contains(error, "c.png");
        CollectionAssert.AreEquivalent(new[] { "a", "b", "clip_000000", "clip_000002" },
            Directory.GetDirectories(Why).Select(Path.GetFileName).ToArray());
        Assert.HasCount(5, File.ReadAllLines(Path.Combine(Why, "scores.csv")));
        StringAssert.Contains(File.ReadAllText(Path.Combine(Why, "index.html")), "clip_000002/index.html");
    }

    [TestMethod]
    public void Check_SaysWhatHolds()
    {
        string picture = TestPictures.Write(_folder.File("digit.png"));

        (int code, string output, string error) = Trainer(
            "explain", LeNet, picture, "--method", "grad-cam", "--layer", "relu2", "--check", "--out", Why, "--threads", "1");

        Assert.AreEqual(0, code, error);
        StringAssert.Contains(output, "TorchSharp computes what ONNX Runtime computes: 12 of 12 tensors agree");
        StringAssert.Contains(output, "gradient equals differences: the gradient along 4 random directions");
        StringAssert.Contains(output, "The numbers are right: ");
        StringAssert.Contains(output, "with random weights");
        StringAssert.Contains(File.ReadAllText(Path.Combine(Why, "index.html")), "The numbers are right: ");
    }

    [TestMethod]
    public void Baselines_AreThePicturesOfAFolder()
    {
        string picture = TestPictures.Write(_folder.File("digit.png"));
        Directory.CreateDirectory(_folder.File("others"));
        for (int seed = 2; seed < 5; seed++)
            TestPictures.Write(_folder.File("others", $"{seed}.png"), seed: seed);

        (int code, _, string error) = Trainer("explain", LeNet, picture, "--method", "expected-gradients", "--baselines",
            _folder.File("others"), "--samples", "6", "--out", Why, "--threads", "1");

        Assert.AreEqual(0, code, error);
        StringAssert.Contains(error, "6 places on the ways from 3 baselines");
    }

    [TestMethod]
    public void All_SaysOnceWhichMethodIsLeftOutAndCountsTheChecks()
    {
        string picture = TestPictures.Write(_folder.File("digit.png"));

        (int code, _, string error) = Trainer("explain", LeNet, picture, "--method", "all", "--window", "14", "--samples", "2", "--check",
            "--out", Why, "--threads", "1");

        Assert.AreEqual(0, code, error);
        StringAssert.Contains(error, "left out: expected-gradients, needs baselines: other pictures to compare with");
        StringAssert.Contains(error, "left out: cam, needs a global average pool");
        StringAssert.Contains(error, ", checks ");
    }

    [TestMethod]
    public void AnotherInput_IsGivenAsATensor()
    {
        var graph = new GraphBuilder("two");
        string x = graph.Input("x", ElementType.Float, 1, 3, 8, 8), scale = graph.Input("scale", ElementType.Float, 1, 1, 1, 1);
        string weight = graph.Initializer("w", TensorData.FromArray(
            [.. Enumerable.Range(0, 4 * 3).Select(i => 0.1f * (i % 5) - 0.2f)], new TensorShape(4, 3, 1, 1)));
        string map = graph.Node("Relu", "map", [graph.Node("Conv", "conv", [x, weight])]);
        string pooled = graph.Node("GlobalAveragePool", "pooled", [graph.Node("Mul", "scaled", [map, scale])]);
        graph.Output(graph.Node("Flatten", "logits", [pooled]), ElementType.Float, 1, 4);
        string model = _folder.File("two.onnx"), given = _folder.File("scale.npy");
        graph.Build().Save(model);
        NpyFile.Write(given, TensorData.FromArray([3f], new TensorShape(1, 1, 1, 1)));
        string picture = TestPictures.Write(_folder.File("digit.png"));

        (int code, string output, string error) = Trainer("explain", model, picture, "--input", $"scale={given}", "--target", "logits[0,3]",
            "--layer", "map", "--out", Why, "--threads", "1");

        Assert.AreEqual(0, code, error);
        double with = Value();
        StringAssert.Contains(output, "logits[0,3]: ");
        Assert.AreEqual(0, Trainer("explain", model, picture, "--target", "logits[0,3]", "--layer", "map", "--out", Why, "--threads", "1")
            .Code, "what is not given is zeros");
        Assert.AreEqual(0, Value());
        Assert.AreNotEqual(0, with);

        double Value()
        {
            using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(Why, "manifest.json")));
            return manifest.RootElement.GetProperty("targets")[0].GetProperty("value").GetDouble();
        }
    }

    [TestMethod]
    [DataRow("--input", "scale", "--input is 'scale'", "expected NAME=FILE.npy")]
    [DataRow("--target", "11", "target 11 is out of range: ", "expected 0 to 9")]
    [DataRow("--target", "logitz[0,1]", "has no tensor 'logitz'", "did you mean 'logits'?")]
    [DataRow("--target", "Sandle", "'Sandle' is no class", "did you mean 'Sandal'")]
    [DataRow("--layer", "relu9", "relu9", "relu")]
    [DataRow("--layer", "logits", "logits", "")]
    [DataRow("--method", "gradcam", "gradcam", "grad-cam")]
    [DataRow("--convention", "mine", "--convention is 'mine'", "expected one of paper, pytorch-grad-cam")]
    [DataRow("--target", "box:0", "not known as those of a detector", "expected a number of a tensor")]
    public void WrongUse_IsOneLineAndLeavesNothing(string option, string value, string expected, string wayOut)
    {
        string picture = TestPictures.Write(_folder.File("digit.png"));

        (int code, _, string error) = Trainer("explain", LeNet, picture, option, value, "--out", Why, "--threads", "1");

        Assert.AreEqual(2, code, error);
        string line = error.Split('\n').Single(text => text.StartsWith("error: ", StringComparison.Ordinal));
        StringAssert.Contains(line, expected);
        StringAssert.Contains(line, wayOut);
        Assert.IsFalse(Directory.Exists(Why), "a folder was left");
    }

    private static JsonDocument PageMaps(string page)
    {
        const string Start = "id=\"maps\">";
        int from = page.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        return JsonDocument.Parse(page[from..page.IndexOf("</script>", from, StringComparison.Ordinal)]);
    }

    private static (int Code, string Output, string Error) Trainer(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = CommandHost.Run(TrainerCommands.Root(), args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
