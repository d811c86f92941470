using System.Text.Json;
using System.Text.RegularExpressions;
using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Dump;

/// <summary>Budgets, cuts and batches change how a dump is made; its pictures and numbers have to stay the same to the byte.</summary>
[TestClass]
public sealed class DumpInPartsTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    // conv1 and its ReLU have 6·28·28 values each, so the pooled 6·14·14 still go with the second of them.
    [TestMethod]
    [DataRow("24K", "memory: the tensors of a run take 58.6 KiB, the budget is 24 KiB: 3 runs of up to 23 KiB")]
    [DataRow("60K", "memory: the tensors of a run take 58.6 KiB, the budget is 60 KiB: one run")]
    [DataRow("1K", null)]
    public void Memory_SmallBudget_GivesTheSameFiles(string budget, string? remark)
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("a.png"));
        Dump(model, picture, "whole", "--raw");
        ProgramRun parts = Dump(model, picture, "parts", "--raw", "--memory", budget);
        if (remark is not null)
            Assert.Contains(remark, parts.Error);
        AssertSame("whole", "parts");
    }

    /// <summary>
    /// Two users of a tensor end up in different parts: in each the convolution could be fused with the user, in one run it
    /// cannot.
    /// </summary>
    [TestMethod]
    public void Memory_TensorWithUsersInDifferentParts_GivesTheSameNumbers()
    {
        var graph = new GraphBuilder("fork");
        string x = graph.Input("x", ElementType.Float, 1, 3, 16, 16);
        var random = new Random(3);
        string w = graph.Initializer("w",
            TensorData.FromArray([.. Enumerable.Range(0, 8 * 27).Select(_ => random.NextSingle() - 0.5f)], new TensorShape(8, 3, 3, 3)));
        string c = graph.Node("Conv", "c", [x, w]);
        graph.Node("Relu", "r", [c]);
        graph.Node("Sigmoid", "s", [c]);
        graph.Output(graph.Node("Mul", "m", ["r", "s"]), ElementType.Float, 1, 8, 14, 14);
        string model = graph.Build().SaveTo(_folder), picture = TestPictures.Write(_folder.File("a.png"), 16, 16);
        foreach (string selection in new[] { "*", "[rsm]", "r s" })
        {
            string[] wanted = selection == "[rsm]" ? ["--ops", "Relu,Sigmoid,Mul"] : ["--tensors", .. selection.Split(' ')];
            Dump(model, picture, "whole", ["--raw", .. wanted]);
            Dump(model, picture, "parts", ["--raw", "--memory", "7K", .. wanted]);
            AssertSame("whole", "parts");
        }
    }

    [TestMethod]
    [DataRow("classification/mobilenetv2-12-qdq.onnx", "8M")]
    [DataRow("detection/yunet_n_320_320.onnx", "4M")]
    [DataRow("classification/SqueezeNet_fp16.onnx", "4M")]
    public void Memory_RealModel_GivesTheSameFiles(string file, string budget)
    {
        string model = SharedData.Require(["onnx-models", .. file.Split('/')]),
            picture = TestPictures.Write(_folder.File("a.png"), 320, 320);
        Dump(model, picture, "whole", "--tile-size", "1", "--no-kernels");
        Dump(model, picture, "parts", "--tile-size", "1", "--no-kernels", "--memory", budget);
        AssertSame("whole", "parts");
    }

    [TestMethod]
    public void Selection_EarlyTensor_RunsNothingBehindIt()
    {
        // The second node cannot run: 3 values do not become 2.
        var graph = new GraphBuilder("broken behind");
        string x = graph.Input("x", ElementType.Float, 1, 1, 4, 4);
        string early = graph.Node("Relu", "early", [x]);
        string shape = graph.Node("Cast", "shape", [graph.Node("ReduceSum", "sum", [early], ("keepdims", 0))],
            ("to", (long)ElementType.Int64));
        graph.Output(graph.Node("Reshape", "late",
            [early, graph.Node("Unsqueeze", "one", [shape, graph.Initializer("axis", TensorData.FromArray([0L], new TensorShape(1)))])]),
            ElementType.Float, "n");
        string model = graph.Build().SaveTo(_folder), picture = TestPictures.Write(_folder.File("a.png"), 4, 4);
        Assert.AreEqual(2, ProgramRun.Visualizer("dump", model, picture, "--out", _folder.File("all")).ExitCode);
        Dump(model, picture, "early", "--tensors", "early");
    }

    [TestMethod]
    public void Batch_ThreePictures_GiveWhatEachGivesAlone()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        for (int i = 0; i < 5; i++)
            TestPictures.Write(_folder.File("in", $"{i}.png"), seed: i);
        Dump(model, _folder.File("in"), "alone", "--optimization", "disabled");
        Dump(model, _folder.File("in"), "batched", "--optimization", "disabled", "--batch", "3");
        for (int i = 0; i < 5; i++)
            AssertSame($"alone/{i}", $"batched/{i}", numbersToo: false);
    }

    [TestMethod]
    public void Batch_PicturesOfDifferentSizes_JoinOnlyThoseOfOneSize()
    {
        var graph = new GraphBuilder("any size");
        string x = graph.Input("x", ElementType.Float, "N", 3, "H", "W");
        graph.Output(graph.Node("Relu", "y", [x]), ElementType.Float, "N", 3, "H", "W");
        string model = graph.Build().SaveTo(_folder);
        (int Height, int Width)[] sizes = [(64, 64), (64, 64), (96, 64), (64, 96)];
        for (int i = 0; i < sizes.Length; i++)
            TestPictures.Write(_folder.File("in", $"{i}.png"), sizes[i].Height, sizes[i].Width, seed: i);
        Dump(model, _folder.File("in"), "alone");
        Dump(model, _folder.File("in"), "batched", "--batch", "4");
        for (int i = 0; i < sizes.Length; i++)
        {
            AssertSame($"alone/{i}", $"batched/{i}", numbersToo: false);
            Assert.AreEqual($"1 3 {sizes[i].Height} {sizes[i].Width}",
                string.Join(' ', Manifest($"batched/{i}").GetProperty("tensors")[0].GetProperty("shape").EnumerateArray()));
        }
    }

    [TestMethod]
    public void Batch_ModelOfOnePicture_RunsThemAlone()
    {
        string model = SmallNetworks.Named("a").SaveTo(_folder);
        for (int i = 0; i < 2; i++)
            TestPictures.Write(_folder.File("in", $"{i}.png"), 4, 4, seed: i);
        ProgramRun run = Dump(model, _folder.File("in"), "out", "--batch", "2");
        Assert.Contains("the model takes batches of 1, so no more pictures are in a run", run.Error);
    }

    /// <summary>
    /// A tensor whose length happens to be that of the batch is no batch; one of another type is converted once for all samples.
    /// </summary>
    [TestMethod]
    public void Batch_TensorsThatAreNotPerPicture_StayWhole()
    {
        var graph = new GraphBuilder("mixed", opset: 13);
        string x = graph.Input("x", ElementType.Float, "N", 3, 8, 8);
        string mean = graph.Node("ReduceMean", "mean", [x], ("axes", new long[] { 0 }), ("keepdims", 0));
        graph.Node("Cast", "whole", [mean], ("to", (long)ElementType.Double));
        graph.Output(graph.Node("Relu", "y", [x]), ElementType.Float, "N", 3, 8, 8);
        string model = graph.Build().SaveTo(_folder);
        for (int i = 0; i < 3; i++)
            TestPictures.Write(_folder.File("in", $"{i}.png"), 8, 8, seed: i);
        Dump(model, _folder.File("in"), "out", "--batch", "3", "--raw");
        double[][] wholes = [.. Enumerable.Range(0, 3).Select(i =>
        {
            using NpzReader archive = NpzReader.Open(_folder.File("out", $"{i}", "activations.npz"));
            Assert.AreEqual(new TensorShape(1, 3, 8, 8), archive.Read("y").Shape);
            Assert.AreEqual(new TensorShape(3, 8, 8), archive.Read("whole").Shape);
            return archive.Read("whole").As<double>().ToArray();
        })];
        CollectionAssert.AreEqual(wholes[0], wholes[1]);
        CollectionAssert.AreEqual(wholes[0], wholes[2]);
    }

    /// <summary>Batches and parts change how the survey gets its numbers; what it says has to stay the same.</summary>
    [TestMethod]
    [DataRow("--batch", "3")]
    [DataRow("--memory", "24K")]
    [DataRow("--batch", "2", "--memory", "50K")]
    public void Survey_InBatchesAndParts_SaysTheSame(params string[] how)
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        for (int i = 0; i < 5; i++)
            TestPictures.Write(_folder.File("in", $"{i}.png"), seed: i);
        // One picture makes NaN; it counts once, however many parts see it.
        NpyFile.Write(_folder.File("in", "x.npy"),
            TensorData.FromArray([.. Enumerable.Repeat(float.NaN, 784)], new TensorShape(1, 1, 28, 28)));
        Dump(model, _folder.File("in"), "alone", "--no-kernels");
        Dump(model, _folder.File("in"), "other", ["--no-kernels", .. how]);
        JsonElement alone = Read("alone", "survey.json"), other = Read("other", "survey.json");
        foreach (string number in new[] { "pictures", "channels", "dead", "constant", "saturated", "duplicate", "picturesWithNonFinite" })
            Assert.AreEqual(alone.GetProperty(number).GetInt32(), other.GetProperty(number).GetInt32(), number);
        Assert.AreEqual(6, other.GetProperty("pictures").GetInt32());
        Assert.AreEqual(1, other.GetProperty("picturesWithNonFinite").GetInt32());
        Assert.AreEqual("conv1", other.GetProperty("firstNonFinite").GetProperty("tensor").GetString());
        Assert.AreEqual(alone.GetProperty("layers").GetRawText(), other.GetProperty("layers").GetRawText());
    }

    [TestMethod]
    public void Profile_EveryLayer_HasTimeMemoryAndProvider()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("a.png"));
        Dump(model, picture, "out", "--profile");
        JsonElement[] tensors = [.. Manifest("out").GetProperty("tensors").EnumerateArray()];
        Assert.HasCount(12, tensors);
        foreach (JsonElement tensor in tensors)
        {
            long elements = tensor.GetProperty("shape").EnumerateArray().Aggregate(1L, (product, d) => product * d.GetInt64());
            Assert.AreEqual(4 * elements, tensor.GetProperty("bytes").GetInt64());
            Assert.AreEqual("CPUExecutionProvider", tensor.GetProperty("provider").GetString());
            Assert.IsGreaterThanOrEqualTo(0, tensor.GetProperty("milliseconds").GetDouble());
        }
    }

    [TestMethod]
    [DataRow("jpeg", ".jpg", 12.0)]
    [DataRow("webp", ".webp", 0.0)]
    public void Format_OtherThanPng_ShowsTheSame(string format, string ending, double difference)
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("a.png"));
        Dump(model, picture, "png", "--tensors", "conv1");
        Dump(model, picture, "out", "--format", format, "--tensors", "conv1", "--each-channel");
        string file = PictureOf("out");
        Assert.EndsWith(ending, file);
        Assert.HasCount(6, Directory.GetFiles(_folder.File("out", "channels", "conv1"), "*" + ending));
        Assert.Contains($"data-png=\"{file}\"", File.ReadAllText(_folder.File("out", "index.html")));
        using Mat exact = Cv2.ImRead(_folder.File("png", PictureOf("png"))), found = Cv2.ImRead(_folder.File("out", file));
        // JPEG loses colour at the hard edges of a mosaic; OpenCV writes WebP without loss.
        Assert.IsLessThanOrEqualTo(difference, Cv2.Norm(exact, found, NormTypes.L1) / (3.0 * found.Total()));
    }

    private ProgramRun Dump(string model, string input, string to, params string[] more)
    {
        ProgramRun run = ProgramRun.Visualizer(["dump", model, input, "--out", _folder.File(to), .. more]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        return run;
    }

    // A batch is computed in another order than its pictures alone: its numbers may differ in their last digits, its colours do not.
    private void AssertSame(string left, string right, bool numbersToo = true)
    {
        string[] files = Files(left, numbersToo);
        CollectionAssert.AreEqual(files, Files(right, numbersToo));
        Assert.IsGreaterThan(2, files.Length);
        foreach (string file in files)
            Assert.IsTrue(File.ReadAllBytes(_folder.File(left, file)).SequenceEqual(File.ReadAllBytes(_folder.File(right, file))), file);
        if (!numbersToo)
            return;
        foreach (string file in new[] { "manifest.json", "index.html" })
            Assert.AreEqual(WithoutTime(left, file), WithoutTime(right, file), file);
    }

    // How long the run took is all that may differ.
    private string WithoutTime(string folder, string file) =>
        Regex.Replace(File.ReadAllText(_folder.File(folder, file)), @"""runMilliseconds"": [\d.]+|[\d.]+ ms on CPU", "");

    private string[] Files(string folder, bool numbersToo) =>
    [
        .. Directory.EnumerateFiles(_folder.File(folder), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(_folder.File(folder), path))
            .Where(path => path is not ("manifest.json" or "index.html" or "stats.csv" or "survey.bin")
                || (numbersToo && path is "stats.csv" or "survey.bin")).Order(StringComparer.Ordinal),
    ];

    private JsonElement Manifest(string folder) => Read(folder, "manifest.json");

    private JsonElement Read(string folder, string file) => JsonDocument.Parse(File.ReadAllText(_folder.File(folder, file))).RootElement;

    private string PictureOf(string folder) => Manifest(folder).GetProperty("tensors")[0].GetProperty("picture")
        .GetProperty("file").GetString()!;
}
