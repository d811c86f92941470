using System.Text.Json;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Inspection;

namespace CnnOnnx.Tests.Commands;

[TestClass]
public sealed class VisualizerInspectTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Inspect_LeNet_ListsLayersShapesAndParameters()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        var run = ProgramRun.Visualizer("inspect", model);
        Assert.AreEqual((0, ""), (run.ExitCode, run.Error));
        string[] lines = run.Output.Split(Environment.NewLine);
        Assert.AreEqual("inputs     image: float32[N, 1, 28, 28]", lines[1]);
        Assert.AreEqual("outputs    logits: float32[N, 10]", lines[2]);
        Assert.AreEqual("picture    28x28 gray, stretch, 0..1 (model card)", lines[3]);
        Assert.AreEqual("operators  Relu 4, Gemm 3, AveragePool 2, Conv 2, Flatten 1", lines[4]);
        // 6·25+6 + 16·150+16 + 120·400+120 + 84·120+84 + 10·84+10
        Assert.AreEqual("weights    61,706 parameters, 246 kB", lines[5]);
        // 28²·6·25 + 10²·16·150 + 400·120 + 120·84 + 84·10
        Assert.AreEqual("work       417 k multiply-adds a picture", lines[6]);
        Assert.AreEqual("drawable   6 maps, 6 bars; 5 kernels", lines[8]);
        Assert.AreEqual("explain    last spatial map: pool2 (5², 16 channels); ends of stages: relu_conv2 (10², 16 channels), "
            + "relu_conv1 (28², 6 channels)", lines[9]);
        CollectionAssert.AreEqual(
            new[] { "", "stage   ends with   shape", "first   relu_conv1  [N, 6, 28, 28]", "second  relu_conv2  [N, 16, 10, 10]", "" },
            lines[10..15]);
        Assert.AreEqual(" #  op           tensor      shape            attributes    parameters  mult-adds  drawn as", lines[15]);
        Assert.AreEqual(" 0  Conv         conv1       [N, 6, 28, 28]   5x5 pad 2            156      118 k  maps", lines[16]);
        Assert.AreEqual(" 2  AveragePool  pool1       [N, 6, 14, 14]   2x2 stride 2                         maps", lines[18]);
        Assert.AreEqual(12, lines[16..].Count(l => l.Length > 0));
    }

    [TestMethod]
    public void Inspect_Json_HasTheSameFacts()
    {
        JsonElement facts = JsonDocument.Parse(ProgramRun.Visualizer("inspect", SmallNetworks.LeNet().SaveTo(_folder), "--json").Output)
            .RootElement;
        Assert.AreEqual(61706, facts.GetProperty("parameters").GetInt64());
        JsonElement last = facts.GetProperty("layers").EnumerateArray().Last();
        Assert.AreEqual("11 logits Gemm 850 bars",
            string.Join(' ', new[] { "index", "output", "op", "parameters", "drawing" }.Select(p => last.GetProperty(p).ToString())));
        Assert.AreEqual(10, facts.GetProperty("labels").GetArrayLength());
        Assert.AreEqual(28, facts.GetProperty("preprocessing").GetProperty("size")[0].GetInt32());
    }

    // The multiply-adds that torchvision's own table gives for these architectures, and the models' own weights.
    [TestMethod]
    [DataRow("classification/SqueezeNet_fp16.onnx", 349, 0)]
    [DataRow("classification/mobilenetv2-12-qdq.onnx", 301, 0)]
    [DataRow("classification/mobilenet_v2_torchvisionV2_qdq_int8.onnx", 301, 0)]
    [DataRow("classification/resnet20_cifar10.onnx", 41, 0)]
    public void Inspect_RealModel_CountsMultiplyAdds(string file, int millions, int unknown)
    {
        ModelFacts facts = ModelInspector.Inspect(Path.Combine(SharedData.Require("onnx-models"), file));
        Assert.AreEqual((millions, unknown), ((int)Math.Round(facts.MultiplyAdds / 1e6), facts.LayersOfUnknownSize));
        Assert.AreEqual(facts.MultiplyAdds, facts.Blocks.Length == 0 ? facts.MultiplyAdds : facts.Blocks.Sum(block => block.MultiplyAdds));
    }

    [TestMethod]
    public void Inspect_Attributes_AreThoseThatAreNotUsual()
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 1, 4, 16, 16);
        string weight = graph.Initializer("w", TensorData.FromArray(new float[36], new TensorShape(4, 1, 3, 3)));
        string conv = graph.Node("Conv", "/block1/a/Conv", [x, weight], ("group", 4L), ("strides", new long[] { 2, 2 }),
            ("dilations", new long[] { 2, 2 }), ("pads", new long[] { 2, 2, 2, 2 }));
        graph.Output(graph.Node("Transpose", "/block2/b/T", [graph.Node("Concat", "/block2/a/C", [conv, conv], ("axis", 1L))],
            ("perm", new long[] { 0, 2, 3, 1 })), ElementType.Float, 1, 8, 8, 8);
        ModelFacts facts = ModelInspector.Inspect(graph.Build().SaveTo(_folder));
        Assert.AreEqual("3x3 stride 2 pad 2 dilation 2 groups 4 | axis 1 | perm 0,2,3,1",
            string.Join(" | ", facts.Layers.Select(layer => NodeAttributes.Describe(layer.Attributes))));
        // 4·8·8 values of 1·3·3 terms each
        Assert.AreEqual(2304, facts.MultiplyAdds);
        CollectionAssert.AreEqual(new long[] { 2, 2 }, facts.Layers[0].Attributes["stride"]);
    }

    [TestMethod]
    public void Blocks_Names_AreTakenWhereTheyTellParts()
    {
        CollectionAssert.AreEqual(new[] { "stem", "a", "a", "a", "b", "b", "b", "c", "c" }, ModelBlocks.Of(
            ["/stem/Conv", "/a/x/Conv", "/a/x/Relu", "/a/y/Conv", "/b/x/Conv", "/b/x/Relu", "/b/y/Conv", "/c/Conv", "/c/Relu"]));
        CollectionAssert.AreEqual(new[] { "net/a", "net/a", "net/b", "net/b", "net/c", "net/c", "net/d", "net/d", "" }, ModelBlocks.Of(
            ["/net/a/Conv", "/net/a/Relu", "/net/b/Conv", "/net/b/Relu", "/net/c/Conv", "/net/c/Relu", "/net/d/Conv", "/net/d/Relu", "y"]));
        Assert.IsNull(ModelBlocks.Of(["conv1", "relu1", "pool1", "12"]));
    }

    [TestMethod]
    public void Inspect_Plumbing_IsCountedAndListedLastWhenAskedFor()
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 1, 1, 4, 4);
        graph.Node("Identity", "constant", [graph.Initializer("w", TensorData.FromArray([2f], new TensorShape(1)))]);
        graph.Output(graph.Node("Reshape", "y", [graph.Node("Mul", "m", [x, "constant"]), graph.Node("Shape", "shape", [x])]),
            ElementType.Float, 1, 1, 4, 4);
        string model = graph.Build().SaveTo(_folder);
        string[] lines = ProgramRun.Visualizer("inspect", model).Output.TrimEnd().Split(Environment.NewLine);
        Assert.Contains("plumbing   1 constants, 1 shape arithmetic (not listed; --all lists them)", lines);
        Assert.StartsWith("3  Reshape", lines[^1]);
        Assert.StartsWith("1  Mul", lines[^2]);
        string[] all = ProgramRun.Visualizer("inspect", model, "--all").Output.TrimEnd().Split(Environment.NewLine);
        Assert.HasCount(lines.Length + 2, all);
        Assert.StartsWith("0  Identity", all[^2]);
        Assert.EndsWith("shape arithmetic", all[^1]);
        // The weight is of the node that uses it, not of its copy.
        Assert.AreEqual("1  Mul  m  [1, 1, 4, 4]  1", string.Join("  ", lines[^2].Split("  ", StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Trim())).Replace("  maps", "", StringComparison.Ordinal));
    }

    [TestMethod]
    public void Inspect_Json_HasInputsAsFields()
    {
        JsonElement input = JsonDocument.Parse(ProgramRun.Visualizer("inspect", SmallNetworks.LeNet().SaveTo(_folder), "--json").Output)
            .RootElement.GetProperty("inputs")[0];
        Assert.AreEqual("image float32 N 28",
            $"{input.GetProperty("name")} {input.GetProperty("type")} {input.GetProperty("shape")[0]} {input.GetProperty("shape")[3]}");
    }

    [TestMethod]
    public void Inspect_Training_IsOneLineWithoutItsHistory()
    {
        const string Training = """
            { "model": "lenet", "options": { "epochs": 20, "lr": 0.00010914557836484573, "seed": null }, "best": { "epoch": 17 },
              "epochs": [ { "epoch": 1 } ] }
            """;
        var graph = new GraphBuilder("m");
        graph.Output(graph.Node("Relu", "y", [graph.Input("x", ElementType.Float, 1)]), ElementType.Float, 1);
        string model = graph.Build(new ModelCard { Training = Training }).SaveTo(_folder);
        Assert.Contains("training   model lenet; options: epochs 20, lr 0.000109; best: epoch 17" + Environment.NewLine,
            ProgramRun.Visualizer("inspect", model).Output);
    }

    [TestMethod]
    [DataRow("not JSON\nat all", "not JSON at all")]
    [DataRow("[1, 2]", "[1, 2]")]
    public void TrainingLine_OfAnythingElse_IsItsText(string text, string expected) => Assert.AreEqual(expected, TrainingLine.Of(text));

    [TestMethod]
    public void Inspect_ManyOutputs_AreCounted()
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 1);
        for (int i = 0; i < 8; i++)
            graph.Output(graph.Node("Relu", $"y{i}", [x]), ElementType.Float, 1);
        Assert.Contains("y5: float32[1], … 8 in all" + Environment.NewLine,
            ProgramRun.Visualizer("inspect", graph.Build().SaveTo(_folder)).Output);
    }

    [TestMethod]
    public void Inspect_ModelThatTheRuntimeRefuses_IsStillListed()
    {
        var graph = new GraphBuilder("m");
        graph.Output(graph.Node("NoSuchOperator", "y", [graph.Input("x", ElementType.Float, 1)]), ElementType.Float, 1);
        var run = ProgramRun.Visualizer("inspect", graph.Build().SaveTo(_folder));
        Assert.AreEqual(0, run.ExitCode);
        Assert.Contains("NoSuchOperator  y", run.Output);
        Assert.Contains("needs operator NoSuchOperator, which ONNX Runtime ", run.Error);
    }

    [TestMethod]
    public void Help_OfACommand_HasExamples()
    {
        var run = ProgramRun.Visualizer("dump", "--help");
        Assert.AreEqual(0, run.ExitCode);
        Assert.Contains("Examples:", run.Output);
        Assert.Contains("  visualizer dump models/lenet.onnx shoe.png --out dump", run.Output);
        Assert.DoesNotContain("Examples:", ProgramRun.Visualizer("--help").Output);
    }
}
