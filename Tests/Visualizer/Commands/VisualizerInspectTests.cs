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
        Assert.AreEqual("stages     first = relu_conv1, second = relu_conv2", lines[7]);
        Assert.AreEqual("drawable   6 maps, 6 bars; 5 kernels", lines[8]);
        Assert.AreEqual(" 0  conv1       conv         conv1       float32  [N, 6, 28, 28]          156  maps",
            lines[11].Replace("Conv ", "conv ", StringComparison.Ordinal));
        Assert.AreEqual(12, lines[11..].Count(l => l.Length > 0));
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
