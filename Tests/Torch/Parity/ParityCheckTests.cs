using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Onnx;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Parity;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Parity;

[TestClass]
public sealed class ParityCheckTests
{
    private const string Document = "docs/models.md";

    [TestMethod]
    public void Compare_CommittedModel_AgreesInEveryTensor()
    {
        ParityReport report = Compare(Path.Combine(Repository.Root, "models", "lenet.onnx"), 1);
        Assert.IsTrue(report.Holds, report.First?.ToString());
        Assert.HasCount(12, report.Tensors);
    }

    [TestMethod]
    public void Compare_ModuleWithAnotherWeight_NamesTheNodeThatIntroducesIt()
    {
        using var folder = new TemporaryFolder();
        ModelProto proto = SmallModels.ConvRelu();
        OnnxModel model = OnnxModel.Read(proto.Write(folder.File("m.onnx")));
        using var module = new OnnxModule(model);
        using (torch.no_grad())
            module.get_parameter("w")!.add_(1);
        using var check = new ParityCheck(model, module);
        using Activations theirs = check.Session.Run(ParityInputs.Noise(model.Graph, 0, 1));

        ParityReport report = check.Compare(theirs);

        Assert.IsFalse(report.Holds);
        Assert.AreEqual("c", report.First!.Tensor);
    }

    // ONNX Runtime adds up a map of nearly equal numbers in float32, one after the other. Float64 tells that it is the one
    // that is off; what is made from its result is compared node by node.
    [TestMethod]
    public void Compare_SumsThatLoseDigits_SaysThatOnnxRuntimeIsOff()
    {
        OnnxModel model = Normalization(1e-5f);
        using var check = new ParityCheck(model);
        using Activations theirs = check.Session.Run(NearlyEqual());

        ParityReport report = check.Compare(theirs);

        Assert.IsTrue(report.Holds, report.First?.ToString());
        Assert.AreEqual("normal", string.Join(' ', report.With(Finding.Rounding).Select(t => t.Tensor)));
        Verdict verdict = report.With(Finding.Rounding)[0].Verdict!;
        Assert.IsLessThan(verdict.Theirs / 10, verdict.Ours);
        Assert.Contains(": from float64 on the same operands TorchSharp is ", report.With(Finding.Rounding)[0].ToString());
    }

    // An operator that computes something else hides behind ONNX Runtime's error here, and is found out on noise.
    [TestMethod]
    [DataRow(1e-5f, true)]
    [DataRow(2e-4f, false)]
    public void Judge_WrongOperator_IsNotCleared(float epsilon, bool clears)
    {
        OnnxModel theirs = Normalization(1e-5f);
        using ActivationSession session = ActivationSession.Open(theirs);
        using Activations seen = session.Run(NearlyEqual());
        using Tensor operand = TensorComparison.ToTorch(seen.Inputs.Single(), torch.CPU);
        using var trial = new NodeTrial(Normalization(epsilon), theirs, "normal", torch.CPU, quantizes: false);

        TensorParity judged = trial.Judge(new TensorParity("normal", theirs.Graph.Nodes[0], 1, 1e-4), _ => operand, seen["normal"]);

        Assert.AreEqual(clears, judged.Verdict!.Clears, judged.Verdict.ToString());
        Assert.IsLessThan(Verdict.MostRounding * judged.Verdict.Allowed, judged.Verdict.Theirs, "The bound alone does not tell.");
        Assert.AreEqual(clears, judged.Verdict.OnNoise <= 1);
    }

    // Noise of 0..1 and a flat picture: the first normalisations see maps of 640,000 nearly equal numbers.
    [TestMethod]
    [TestCategory("Long")]
    [DataRow(1.0)]
    [DataRow(0.0)]
    public void Compare_StyleTransferOnFlatMaps_HoldsAndSaysWhereOnnxRuntimeIsOff(double noise)
    {
        OnnxModel model = OnnxModel.Read(SharedData.Require("onnx-models", "style-transfer", "candy.onnx"));
        Dictionary<string, TensorData> input = ParityInputs.Noise(model.Graph, 0, noise);
        if (noise == 0)
            foreach ((string name, TensorData data) in input)
                input[name] = TensorData.FromArray([.. Enumerable.Repeat(128f, (int)data.Shape.Count)], data.Shape);
        using var check = new ParityCheck(model);
        using Activations theirs = check.Session.Run(input);

        ParityReport report = check.Compare(theirs);

        Assert.IsTrue(report.Holds, report.First?.ToString());
        Assert.AreEqual("InstanceNormalization_5", report.With(Finding.Rounding)[0].Tensor);
        Assert.IsTrue(report.With(Finding.Rounding)
            .All(t => t.Node.OpType == "InstanceNormalization" && t.Verdict!.Ours < t.Verdict.Theirs / 10));
    }

    [TestMethod]
    public void Compare_EveryRealModel_AgreesInEveryTensor()
    {
        string folder = SharedData.Require("onnx-models");
        var lines = new List<string>
        {
            "# Models",
            "",
            "TorchSharp against ONNX Runtime, every tensor of every model, on noise of the range that the model takes. Allowed is 1e-4 of",
            "max(1, largest magnitude) for float32. A tensor that differs by more is judged by its node alone, on ONNX Runtime's own",
            "operands: where the node agrees, the difference is inherited, and no fault. Where it does not, float64 on the same "
            + "operands is",
            "the arbiter: both engines have to be within 2.5e-3 of the largest magnitude from it, and within the usual tolerance of one",
            "another on noise through the same node. An InstanceNormalization of a map of 640,000 nearly equal numbers is such a node:",
            "ONNX Runtime sums them up in float32, one by one. `trainer parity` names each tensor that is not simply equal, with figures.",
            "How many those are depends on the processor, and is not told here.",
            "",
            "| model | nodes | tensors compared | left out | every node is right |",
            "|---|---:|---:|---:|---|",
        };
        foreach (string path in Directory.EnumerateFiles(folder, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (path.Contains("negative", StringComparison.Ordinal))
                continue;
            ParityReport report = Compare(path, path.Contains("candy", StringComparison.Ordinal) ? 255 : 1);
            Assert.IsTrue(report.Holds, $"{Path.GetFileName(path)}: {report.First}");
            int nodes = OnnxModel.Read(path).Graph.Nodes.Length;
            lines.Add($"| {Path.GetFileNameWithoutExtension(path)} | {nodes} | {report.Tensors.Count} | {report.Skipped.Count} | yes |");
        }

        GeneratedFile.AssertCurrent(Document, string.Concat(lines.Select(line => line + "\n")));
    }

    /// <summary>x [1, 2, 800, 800] → InstanceNormalization → Relu.</summary>
    private static OnnxModel Normalization(float epsilon)
    {
        var graph = new GraphBuilder("normalization");
        string x = graph.Input("x", ElementType.Float, 1, 2, 800, 800);
        string[] affine =
            [graph.Initializer("scale", TensorData.FromArray([1f, 2], new TensorShape(2))),
                graph.Initializer("bias", TensorData.FromArray([0f, 1], new TensorShape(2)))];
        string normal = graph.Node("InstanceNormalization", "normal", [x, .. affine], ("epsilon", epsilon));
        graph.Output(graph.Node("Relu", "y", [normal]), ElementType.Float, 1, 2, 800, 800);
        return graph.Build();
    }

    private static TensorData NearlyEqual()
    {
        var shape = new TensorShape(1, 2, 800, 800);
        return TensorData.FromArray([.. Enumerable.Range(0, (int)shape.Count).Select(i => i % 1000 == 0 ? 36.2f : 18.1f)], shape);
    }

    private static ParityReport Compare(string path, double scale)
    {
        OnnxModel model = OnnxModel.Read(path);
        using var check = new ParityCheck(model);
        using Activations theirs = check.Session.Run(ParityInputs.Noise(model.Graph, 0, scale));
        return check.Compare(theirs);
    }
}
