using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Onnx;

/// <summary>
/// A loop that nothing can end is refused when it is read; one that a computed condition ends is not, whatever its count says.
/// </summary>
[TestClass]
public sealed class LoopLimitsTests
{
    [TestMethod]
    [DataRow(null, "any number of")]
    [DataRow(100_001L, "100001")]
    [DataRow(1L << 62, "4611686018427387904")]
    public void Read_ManyRoundsAndAConditionThatStays_IsRefused(long? rounds, string text)
    {
        OnnxException refused =
            Assert.ThrowsExactly<OnnxException>(() => Loop(rounds, body => body.Node("Identity", "on", ["go"])).Build());
        Assert.EndsWith(
            $"node 'y' (Loop, opset 17): goes on for {text} rounds, expected at most 100000 or a condition that ends it", refused.Message);
    }

    [TestMethod]
    public void Read_ManyRoundsAndAConstantCondition_IsRefused()
    {
        var yes = new TensorData(ElementType.Bool, TensorShape.Scalar, new byte[] { 1 });
        Assert.ThrowsExactly<OnnxException>(() => Loop(null, body => body.Initializer("on", yes)).Build());
    }

    [TestMethod]
    [DataRow(100_000L)]
    [DataRow(0L)]
    public void Read_AsManyRoundsAsAModelMayHave_IsRead(long rounds) =>
        Assert.HasCount(1, Loop(rounds, body => body.Node("Identity", "on", ["go"])).Build().Graph.Nodes);

    // As torch.onnx writes a while loop.
    [TestMethod]
    public void Run_LargestCountAndAComputedCondition_EndsByTheCondition()
    {
        GraphBuilder graph = Loop(long.MaxValue, body =>
        {
            body.Initializer("last", TensorData.FromArray([4L], TensorShape.Scalar));
            return body.Node("Less", "on", ["i", "last"]);
        });
        using ActivationSession session = ActivationSession.Open(graph.Build(), new() { Device = ComputeDevice.Cpu });
        using Activations seen = session.Run(TensorData.FromArray([1f], new TensorShape(1)));
        // Rounds 0 to 4, each of which doubles.
        Assert.AreEqual(32f, seen["y"].Values[0]);
    }

    [TestMethod]
    public void Run_ConditionThatNeverEndsIt_IsStoppedByTheCaller()
    {
        TensorData zero = TensorData.FromArray([0L], TensorShape.Scalar);
        GraphBuilder graph = Loop(null, body => body.Node("GreaterOrEqual", "on", ["i", body.Initializer("zero", zero)]));
        using ActivationSession session = ActivationSession.Open(graph.Build(), new() { Device = ComputeDevice.Cpu });
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        Assert.ThrowsExactly<OperationCanceledException>(() => session.Run(TensorData.FromArray([1f], new TensorShape(1)), cancel.Token));
    }

    /// <summary>x → Loop that doubles it → y.</summary>
    private static GraphBuilder Loop(long? rounds, Func<GraphBuilder, string> condition)
    {
        var body = new GraphBuilder("body");
        body.Input("i", ElementType.Int64);
        body.Input("go", ElementType.Bool);
        body.Input("v", ElementType.Float, 1);
        body.Output(condition(body), ElementType.Bool);
        body.Output(body.Node("Add", "next", ["v", "v"]), ElementType.Float, 1);
        var graph = new GraphBuilder("g");
        string x = graph.Input("x", ElementType.Float, 1);
        string count = rounds is { } given ? graph.Initializer("rounds", TensorData.FromArray([given], TensorShape.Scalar)) : "";
        graph.Output(graph.Node("Loop", "y", [count, "", x], ("body", body)), ElementType.Float, 1);
        return graph;
    }
}
