using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Parity;
using TorchSharp;

namespace CnnOnnx.Tests.Parity;

/// <summary>Findings of a parity check about tensors that differ: whose fault it is, and whether it is one.</summary>
[TestClass]
public sealed class ParityFindingTests
{
    private const int Layers = 8, Width = 256;

    // Each layer multiplies a difference by some 30: from the last bit of the first one, the last ones have nothing in common.
    [TestMethod]
    public void Compare_LayersThatAmplifyRounding_AreToldAndNoFailure()
    {
        ParityReport report = Compare(Amplifier());

        Assert.IsTrue(report.Holds, report.First?.ToString());
        TensorParity[] inherited = [.. report.With(Finding.Inherited)];
        Assert.IsNotEmpty(inherited);
        Assert.IsGreaterThan(100, inherited.Max(t => t.OfAllowed), "The differences have to be far beyond the tolerance.");
        Assert.EndsWith(", inherited from its operands", inherited[^1].ToString());
    }

    [TestMethod]
    public void Compare_FaultInsideLayersThatAmplify_NamesItsNodeAlone()
    {
        OnnxModel model = Amplifier();
        using var module = new OnnxModule(model);
        using (torch.no_grad())
            module.get_parameter("w5")!.add_(0.01);
        using var check = new ParityCheck(model, module);
        using Activations theirs = check.Session.Run(ParityInputs.Noise(model.Graph, 0, 1));

        ParityReport report = check.Compare(theirs);

        Assert.AreEqual("m5", string.Join(' ', report.With(Finding.Wrong).Select(t => t.Tensor)));
        Assert.IsFalse(report.Holds);
    }

    [TestMethod]
    public void Compare_NaNOfBothEngines_IsToldWhereItArises()
    {
        var graph = new GraphBuilder("logarithm");
        string two = graph.Initializer("two", TensorData.FromArray([2f], TensorShape.Scalar));
        string below = graph.Node("Sub", "below", [graph.Input("x", ElementType.Float, 4), two]);
        graph.Output(graph.Node("Exp", "y", [graph.Node("Log", "log", [below])]), ElementType.Float, 4);

        ParityReport report = Compare(graph.Build());

        Assert.IsTrue(report.Holds, report.First?.ToString());
        Assert.AreEqual("below Agrees, log BothNaN, y Inherited", Findings(report));
        Assert.EndsWith(" has 4 NaN of 4 in both engines, made of operands without NaN", report.With(Finding.BothNaN)[0].ToString());
    }

    [TestMethod]
    public void Compare_WeightThatIsNaN_IsAFault()
    {
        var graph = new GraphBuilder("broken");
        string scale = graph.Initializer("scale", TensorData.FromArray([float.NaN, 1, 1, 1], new TensorShape(4)));
        string product = graph.Node("Mul", "product", [graph.Input("x", ElementType.Float, 4), scale]);
        graph.Output(graph.Node("Relu", "y", [product]), ElementType.Float, 4);

        ParityReport report = Compare(graph.Build());

        Assert.IsFalse(report.Holds);
        Assert.AreEqual("product Wrong, y Inherited", Findings(report));
        Assert.EndsWith(" has 1 NaN of 4 in both engines, its weight 'scale' has NaN", report.First!.ToString());
    }

    [TestMethod]
    public void Compare_RandomOperators_LeaveOutWhatHangsOnThem()
    {
        var graph = new GraphBuilder("random", 15);
        string x = graph.Input("x", ElementType.Float, 2, 3);
        string drawn = graph.Node("RandomNormalLike", "drawn", [x]);
        string noisy = graph.Node("Add", "noisy", [x, drawn]);
        graph.Output(graph.Node("Shape", "shape", [noisy]), ElementType.Int64, 2);
        graph.Output(graph.Node("Relu", "y", [noisy]), ElementType.Float, 2, 3);
        graph.Output(graph.Node("Neg", "z", [x]), ElementType.Float, 2, 3);

        ParityReport report = Compare(graph.Build());

        Assert.IsTrue(report.Holds, report.First?.ToString());
        Assert.AreEqual("shape Agrees, z Agrees", string.Join(", ", report.Tensors.Select(t => $"{t.Tensor} {t.Finding}").Order()));
        Assert.AreEqual("drawn noisy y", string.Join(' ', report.Skipped.Select(s => s.Name).Order()));
        Assert.Contains("RandomNormalLike", report.Skipped[0].Reason);
    }

    [TestMethod]
    public void Compare_OperatorThatIsNotSupported_IsNamed()
    {
        var graph = new GraphBuilder("foreign");
        string x = graph.Input("x", ElementType.Float, 1, 4);
        string relu = graph.Node("Relu", "relu", [x]);
        graph.Node("QuickGelu", "com.microsoft", "gate", [relu], ["gated"]);
        graph.Output(graph.Node("Neg", "y", ["gated"]), ElementType.Float, 1, 4);
        OnnxModel model = graph.Build();
        model.Proto.OpsetImport.Add(new CnnOnnx.Onnx.Schema.OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });

        ParityReport report = Compare(new OnnxModel(model.Proto, "foreign"));

        Assert.AreEqual("relu Agrees", Findings(report));
        Assert.AreEqual("gated y", string.Join(' ', report.Skipped.Select(s => s.Name)));
        Assert.IsTrue(report.Skipped.All(s => s.Reason == "needs node 'gate' (com.microsoft.QuickGelu, opset 1), which is not supported"),
            report.Skipped[0].Reason);
    }

    // The specification: with auto_pad SAME the size is input × stride, whatever the kernel.
    [TestMethod]
    [DataRow("ConvTranspose", "SAME_UPPER", 2, 3, true)]
    [DataRow("ConvTranspose", "SAME_LOWER", 1, 2, true)]
    [DataRow("ConvTranspose", "SAME_UPPER", 3, 2, false)]
    [DataRow("Conv", "SAME_UPPER", 2, 3, false)]
    [DataRow("Conv", "SAME_LOWER", 1, 2, false)]
    public void Compare_SizeOfSamePadding_IsJudgedByTheSpecification(string type, string padding, int kernel, int stride, bool isOff)
    {
        var graph = new GraphBuilder("same");
        string x = graph.Input("x", ElementType.Float, 1, 1, 5, 7);
        string weight = graph.Initializer(
            "w", TensorData.FromArray([.. Enumerable.Repeat(1f, kernel * kernel)], new TensorShape(1, 1, kernel, kernel)));
        string y = graph.Node(type, "y", [x, weight], ("auto_pad", padding), ("strides", new long[] { stride, stride }));
        graph.Output(y, ElementType.Float, 1, 1, new Dimension(null), new Dimension(null));

        ParityReport report = Compare(graph.Build());

        Assert.IsTrue(report.Holds, report.First?.ToString());
        Assert.AreEqual(isOff ? Finding.OffSpecification : Finding.Agrees, report.Tensors[0].Finding, report.Tensors[0].ToString());
        if (isOff)
            Assert.EndsWith($", the specification's size is {5 * stride} × {7 * stride} (input × stride): ONNX Runtime is off",
                report.Tensors[0].ToString());
    }

    private static string Findings(ParityReport report) => string.Join(", ", report.Tensors.Select(t => $"{t.Tensor} {t.Finding}"));

    /// <summary>x [1, 256] → 8 × (MatMul → Mul 30 → Sin); products m0 … m7 of weights w0 … w7.</summary>
    private static OnnxModel Amplifier()
    {
        var graph = new GraphBuilder("amplifier");
        var random = new Random(0);
        string x = graph.Input("x", ElementType.Float, 1, Width);
        string gain = graph.Initializer("gain", TensorData.FromArray([30f], TensorShape.Scalar));
        for (int i = 0; i < Layers; i++)
        {
            float[] weights = [.. Enumerable.Range(0, Width * Width).Select(_ => ((2 * random.NextSingle()) - 1) / 9)];
            string product = graph.Node(
                "MatMul", $"m{i}", [x, graph.Initializer($"w{i}", TensorData.FromArray(weights, new TensorShape(Width, Width)))]);
            x = graph.Node("Sin", i == Layers - 1 ? "y" : $"s{i}", [graph.Node("Mul", $"g{i}", [product, gain])]);
        }

        graph.Output(x, ElementType.Float, 1, Width);
        return graph.Build();
    }

    private static ParityReport Compare(OnnxModel model)
    {
        using var check = new ParityCheck(model);
        using Activations theirs = check.Session.Run(ParityInputs.Noise(model.Graph, 0, 1));
        return check.Compare(theirs);
    }
}
