using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Parity;
using CnnOnnx.Visualizer.Inspection;

namespace CnnOnnx.Tests.Onnx;

/// <summary>Models that are sound and that ONNX Runtime would be busy with for hours, or until memory ends: it is not asked.</summary>
[TestClass]
public sealed class VastModelTests
{
    private const int Nodes = 100_000;
    private const string TooMany =
        "has 100000 nodes, of which ONNX Runtime hands out at most 42949 tensors in reasonable time, but 100000 are wanted";

    [TestMethod]
    public void Inspect_MoreNodesThanTheRuntimeCopesWith_ListsWhatTheFileDeclares()
    {
        using var folder = new TemporaryFolder();
        ModelFacts facts = ModelInspector.Inspect(SmallModels.Chain(Nodes).Write(folder.File("m.onnx")));
        Assert.HasCount(Nodes, facts.Layers);
        Assert.EndsWith(TooMany, facts.Remarks.Single());
        Assert.AreEqual("y: float32[1, 1, 2, 2]", $"{facts.Outputs.Single()}");
    }

    [TestMethod]
    public void Open_EveryTensorOfThem_IsRefused()
    {
        var model = new OnnxModel(SmallModels.Chain(Nodes), "m");
        Assert.EndsWith(TooMany, Assert.ThrowsExactly<OnnxException>(() => ActivationSession.Open(model)).Message);
        Assert.EndsWith(TooMany, Assert.ThrowsExactly<OnnxException>(() => new ParityCheck(model)).Message);
    }

    [TestMethod]
    public void Open_AFewTensorsOfThem_Runs()
    {
        var model = new OnnxModel(SmallModels.Chain(Nodes), "m");
        using ActivationSession session = ActivationSession.Open(model, new() { Device = ComputeDevice.Cpu, Tensors = ["t9"] });
        using Activations seen = session.Run(TensorData.FromArray(new float[16], new TensorShape(1, 1, 4, 4)));
        Assert.AreEqual("t9", seen.Single().Name);
    }

    [TestMethod]
    public void Run_MoreThanMemoryHolds_IsRefused()
    {
        // A terabyte: a thousand tensors of 2²⁸ floats.
        var graph = new GraphBuilder("g");
        string x = graph.Input("x", ElementType.Float, 1);
        x = graph.Node("Expand", "wide", [x, graph.Initializer("size", TensorData.FromArray([1L << 28], new TensorShape(1)))]);
        for (int i = 0; i < 1000; i++)
            x = graph.Node("Relu", $"r{i}", [x]);
        graph.Output(x, ElementType.Float, 1 << 28);
        using ActivationSession session =
            ActivationSession.Open(graph.Build(), new() { Device = ComputeDevice.Cpu, Optimization = OptimizationLevel.Disabled });
        string refused = Assert.ThrowsExactly<OnnxException>(() => session.Run(TensorData.FromArray([1f], new TensorShape(1)))).Message;
        Assert.Contains("g: would make 1001 GB of tensors at once, expected at most", refused);
    }
}
