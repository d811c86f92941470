using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Trainer.Commands;

namespace CnnOnnx.Tests.Parity;

/// <summary>trainer parity as a user sees it: exit codes and lines.</summary>
[TestClass]
public sealed class ParityCommandTests
{
    [TestMethod]
    public void Parity_DropoutInTrainingMode_IsNotCompared()
    {
        ProgramRun run = Run(Case("dropout-in-training-mode.onnx"));
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        Assert.Contains("not compared: 'd' and 1 more depends on random or open values of node 'drop' (Dropout, opset 13)", run.Error);
        Assert.StartsWith("1 of 1 tensors agree", run.Output);
    }

    [TestMethod]
    public void Parity_BatchNormalizationInTrainingModeOfOpset13_AgreesInEveryTensor()
    {
        ProgramRun run = Run(Case("batchnorm-training-mode-opset13.onnx"));
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        Assert.StartsWith("22 of 22 tensors agree", run.Output);
    }

    [TestMethod]
    public void Parity_HiddenSize_NamesTheSizeTakenAndTheOption()
    {
        string model = Case("hidden-size-64.onnx");
        ProgramRun refused = Run(model);
        Assert.AreEqual(ExitCode.BadInput, refused.ExitCode);
        Assert.EndsWith("; input 'x' leaves its size open: 224x224 is taken, --size takes another", refused.LastError);

        ProgramRun run = Run(model, "--size", "256x128");
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        Assert.Contains("256x128 is taken", run.Error);
        Assert.StartsWith("25 of 25 tensors agree", run.Output);
    }

    [TestMethod]
    public void Parity_SizeOfSamePadding_OnnxRuntimeIsOff()
    {
        ProgramRun run = Run(Case("convtranspose-same-upper-k2s3.onnx"));
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        Assert.Contains("is [1, 3, 15, 21] in TorchSharp and [1, 3, 14, 20] in ONNX Runtime, the specification's size is 15 × 21",
            run.Output);
        Assert.EndsWith("0 of 1 tensors agree, 1 differ and no node is wrong", run.Output.TrimEnd());
    }

    [TestMethod]
    public void Parity_Out_IsWhatCompareWrites()
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(Repository.Root, "models", "lenet.onnx"), array = folder.File("x.npy");
        string parity = folder.File("parity"), compared = folder.File("compared");
        ProgramRun run = Run(model, "--out", parity);
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        Assert.StartsWith("12 of 12 tensors agree", run.Output);
        Assert.EndsWith($"The two compute the same.\n{Path.Combine(parity, "index.html")}", run.Output.TrimEnd().ReplaceLineEndings("\n"));

        NpyFile.Write(array, TensorData.FromArray(new float[28 * 28], new TensorShape(1, 1, 28, 28)));
        ProgramRun other = ProgramRun.Visualizer("compare", model, array, "--device-b", "cpu", "--out", compared);
        Assert.AreEqual(ExitCode.Done, other.ExitCode, other.Error);
        JsonElement ours = Json(parity), theirs = Json(compared);
        Assert.AreEqual(Keys(theirs), Keys(ours));
        Assert.AreEqual(Keys(theirs.GetProperty("pairs")[0]), Keys(ours.GetProperty("pairs")[0]));
        Assert.AreEqual("TorchSharp", ours.GetProperty("engineB").GetString());
        Assert.Contains("lenet.onnx &#183; TorchSharp", File.ReadAllText(Path.Combine(parity, "index.html")));
    }

    // No two engines add up in one order: a tolerance that is given is taken by the letter.
    [TestMethod]
    public void Parity_TolerancesBeyondRounding_AreOutAndTheLayerIsSaved()
    {
        using var folder = new TemporaryFolder();
        ProgramRun run = Run(Path.Combine(Repository.Root, "models", "lenet.onnx"), "--rtol", "1e-9", "--atol", "0", "--out",
            folder.File("out"));
        Assert.AreEqual(ExitCode.No, run.ExitCode, run.Error);
        Assert.Contains("The difference begins at ", run.Output);
        JsonElement first = Json(folder.File("out")).GetProperty("verdict").GetProperty("first");
        string layer = Path.Combine(folder.File("out"), "repro", "layer.onnx");
        Assert.AreEqual(first.GetProperty("node").GetString(), OnnxModel.Read(layer).Graph.Nodes.Single().Name);
    }

    private static JsonElement Json(string folder) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "compare.json"))).RootElement;

    private static string Keys(JsonElement element) => string.Join(' ', element.EnumerateObject().Select(p => p.Name));

    [TestMethod]
    public void Parity_WeightThatIsNaN_ExitsWithOneAndNamesTheNode()
    {
        using var folder = new TemporaryFolder();
        var graph = new GraphBuilder("broken");
        string x = graph.Input("x", ElementType.Float, 1, "C", "H", "W");
        string scale = graph.Initializer("scale", TensorData.FromArray([float.NaN], TensorShape.Scalar));
        graph.Output(graph.Node("Mul", "y", [x, scale]), ElementType.Float);
        string path = folder.File("broken.onnx");
        graph.Build().Save(path);

        ProgramRun run = Run(path, "--size", "8x8");

        Assert.AreEqual(ExitCode.No, run.ExitCode, run.Error);
        Assert.StartsWith("1 of 1 tensors differ by a node's own fault; the first: 'y' of node 'y' (Mul, ", run.Output);
    }

    private static string Case(string file) => SharedData.Require("..", "cases", file);

    private static ProgramRun Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = CommandHost.Run(TrainerCommands.Root(), ["parity", .. arguments], output, error);
        return new ProgramRun(code, output.ToString(), error.ToString());
    }
}
