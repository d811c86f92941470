using System.Text.Json;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Pipeline;

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

    /// <summary>Two users of a tensor end up in different parts: in each the convolution could be fused with the user, in one run it cannot.</summary>
    [TestMethod]
    public void Memory_TensorWithUsersInDifferentParts_GivesTheSameNumbers()
    {
        var graph = new GraphBuilder("fork");
        string x = graph.Input("x", ElementType.Float, 1, 3, 16, 16);
        var random = new Random(3);
        string w = graph.Initializer("w", TensorData.FromArray([.. Enumerable.Range(0, 8 * 27).Select(_ => random.NextSingle() - 0.5f)], new TensorShape(8, 3, 3, 3)));
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
    public void Memory_RealModel_GivesTheSameFiles(string file, string budget)
    {
        string model = SharedData.Require(["onnx-models", .. file.Split('/')]), picture = TestPictures.Write(_folder.File("a.png"), 320, 320);
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
        string shape = graph.Node("Cast", "shape", [graph.Node("ReduceSum", "sum", [early], ("keepdims", 0))], ("to", (long)ElementType.Int64));
        graph.Output(graph.Node("Reshape", "late", [early, graph.Node("Unsqueeze", "one", [shape, graph.Initializer("axis", TensorData.FromArray([0L], new TensorShape(1)))])]),
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
    public void Batch_ModelOfOnePicture_IsOneLine()
    {
        string model = SmallNetworks.Named("a").SaveTo(_folder);
        for (int i = 0; i < 2; i++)
            TestPictures.Write(_folder.File("in", $"{i}.png"), 4, 4, seed: i);
        var run = ProgramRun.Visualizer("dump", model, _folder.File("in"), "--out", _folder.File("out"), "--batch", "2");
        Assert.AreEqual(2, run.ExitCode);
        Assert.Contains("input 'x' takes batches of 1, got 2", run.LastError);
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
    [DataRow("jpg", 0xff)]
    [DataRow("webp", (int)'R')]
    public void Format_OtherThanPng_WritesThat(string format, int firstByte)
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), picture = TestPictures.Write(_folder.File("a.png"));
        Dump(model, picture, "out", "--format", format, "--tensors", "conv1");
        string file = Manifest("out").GetProperty("tensors")[0].GetProperty("picture").GetProperty("file").GetString()!;
        Assert.EndsWith("." + format, file);
        Assert.AreEqual(firstByte, File.ReadAllBytes(_folder.File("out", file))[0]);
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
        string[] files = Files(left);
        CollectionAssert.AreEqual(files, Files(right));
        Assert.IsGreaterThan(2, files.Length);
        foreach (string file in files)
            Assert.IsTrue(File.ReadAllBytes(_folder.File(left, file)).SequenceEqual(File.ReadAllBytes(_folder.File(right, file))), file);
        if (numbersToo)
            Assert.AreEqual(Manifest(left).GetProperty("tensors").GetRawText(), Manifest(right).GetProperty("tensors").GetRawText());
    }

    private string[] Files(string folder) =>
    [
        .. Directory.EnumerateFiles(_folder.File(folder), "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder.File(folder), path))
            .Where(path => path is not ("manifest.json" or "index.html")).Order(StringComparer.Ordinal),
    ];

    private JsonElement Manifest(string folder) => JsonDocument.Parse(File.ReadAllText(_folder.File(folder, "manifest.json"))).RootElement;
}
