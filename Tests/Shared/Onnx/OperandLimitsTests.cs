using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Onnx;

/// <summary>Counts and sizes that a model holds as tensors: senseless ones are refused when it is read, unusual ones are not.</summary>
[TestClass]
public sealed class OperandLimitsTests
{
    [TestMethod]
    [DataRow("Pad", 1, new[] { 0, 0, 0, long.MinValue }, "input 1 holds -9223372036854775808, expected -65536 to 65536")]
    [DataRow("Tile", 1, new[] { 1, 10_092_546L }, "input 1 holds 10092546, expected 0 to 65536")]
    [DataRow("Tile", 1, new[] { 65_536, 65_536L }, "input 1 asks for 4294967296 elements, expected at most 268435456")]
    [DataRow("Expand", 1, new[] { 65_536, 65_536L }, "input 1 asks for 4294967296 elements, expected at most 268435456")]
    [DataRow("ConstantOfShape", 0, new[] { -1L }, "input 0 holds -1, expected 0 to 268435456")]
    [DataRow("Resize", 3, new[] { 1, 2, 6, 4_390_918L }, "input 3 holds 4390918, expected 0 to 65536")]
    [DataRow("OneHot", 1, new[] { 1L << 40 }, "input 1 holds 1099511627776, expected 0 to 16777216")]
    public void Read_CountThatNoModelHas_IsRefused(string op, int input, long[] numbers, string message)
    {
        var graph = new GraphBuilder("g");
        graph.Initializer("n", Longs(numbers));
        Consume(graph, op, input);
        OnnxException refused = Assert.ThrowsExactly<OnnxException>(() => graph.Build());
        Assert.EndsWith($"node 'y' ({op}, opset 17): {message}", refused.Message);
    }

    /// <summary>ONNX Runtime makes room for as many axes while it opens the model: gigabytes, for minutes.</summary>
    [TestMethod]
    [DataRow("Expand", 1)]
    [DataRow("Reshape", 1)]
    [DataRow("ConstantOfShape", 0)]
    public void Read_ShapeOfMoreAxesThanAnyModelHas_IsRefused(string op, int input)
    {
        OnnxModel Declared(long axes)
        {
            var graph = new GraphBuilder("g");
            graph.Input("n", ElementType.Int64, axes);
            Consume(graph, op, input);
            return graph.Build();
        }

        OnnxException refused = Assert.ThrowsExactly<OnnxException>(() => Declared(uint.MaxValue));
        Assert.EndsWith($"node 'y' ({op}, opset 17): input {input} is declared with 4294967295 numbers, expected at most 65536",
            refused.Message);
        Assert.HasCount(1, Declared(4).Graph.Nodes);
    }

    [TestMethod]
    [DataRow("Slice", 2, new[] { long.MaxValue, long.MinValue })]
    [DataRow("Reshape", 1, new[] { 0, -1L })]
    [DataRow("Expand", 1, new[] { -1, 1L })]
    [DataRow("Pad", 1, new[] { -1, 0, 0, 65_536L })]
    [DataRow("ConstantOfShape", 0, new long[0])]
    [DataRow("Resize", 3, new[] { 1, 64, 4_320, 7_680L })]
    public void Read_UnusualButSensible_IsRead(string op, int input, long[] numbers)
    {
        var graph = new GraphBuilder("g");
        graph.Initializer("n", Longs(numbers));
        Consume(graph, op, input);
        Assert.HasCount(1, graph.Build().Graph.Nodes);
    }

    [TestMethod]
    public void Read_ScalesOfAnOldResize_AreNotTheRegionOfANewOne()
    {
        OnnxModel Resize(int opset)
        {
            var graph = new GraphBuilder("g", opset);
            graph.Initializer("n", TensorData.FromArray([1f, 1, -1, 2], new TensorShape(4)));
            Consume(graph, "Resize", 1);
            return graph.Build();
        }

        Assert.Contains("input 1 holds -1, expected 0 to 65536", Assert.ThrowsExactly<OnnxException>(() => Resize(10)).Message);
        Assert.HasCount(1, Resize(13).Graph.Nodes);
    }

    [TestMethod]
    public void Read_ConstantNodeAroundABody_IsSeenInIt()
    {
        var branch = new GraphBuilder("branch");
        branch.Output(branch.Node("Tile", "t", ["x", "n"]), ElementType.Float, 2, 2);
        var graph = new GraphBuilder("g");
        graph.Input("x", ElementType.Float, 2, 2);
        graph.Input("c", ElementType.Bool);
        graph.Node("Constant", "n", [], ("value_ints", new[] { 1, 1 << 30 }));
        graph.Node("If", "y", ["c"], ("then_branch", branch), ("else_branch", branch));
        Assert.Contains(
            "node 't' (Tile, opset 17): input 1 holds 1073741824", Assert.ThrowsExactly<OnnxException>(() => graph.Build()).Message);
    }

    [TestMethod]
    [DataRow(0L, 1L << 40, 1L, true)]
    [DataRow(0L, -(1L << 40), -1L, true)]
    [DataRow(0L, 10L, 0L, true)]
    [DataRow(5L, long.MinValue, 1L, false)]
    public void Read_Range_IsRefusedForItsLength(long start, long end, long step, bool isRefused)
    {
        var graph = new GraphBuilder("g");
        foreach ((string name, long number) in new[] { ("start", start), ("end", end), ("step", step) })
            graph.Initializer(name, TensorData.FromArray([number], TensorShape.Scalar));
        graph.Node("Range", "y", ["start", "end", "step"]);
        if (isRefused)
            Assert.EndsWith(
                $"counts from {start} to {end} by {step}, expected at most 268435456 numbers",
                Assert.ThrowsExactly<OnnxException>(() => graph.Build()).Message);
        else
            Assert.HasCount(1, graph.Build().Graph.Nodes);
    }

    [TestMethod]
    public void Read_ScanOfMoreInputsThanItHas_IsRefused()
    {
        ModelProto proto = MutationSeeds.Loops();
        proto.Graph.Node[1].Attribute.First(a => a.Name == "num_scan_inputs").I = 1 << 20;
        Assert.EndsWith("node 'scan' (Scan, opset 17): attribute 'num_scan_inputs' is 1048576, but the node has 2 inputs",
            Assert.ThrowsExactly<OnnxException>(() => new OnnxModel(proto, "m")).Message);
    }

    private static void Consume(GraphBuilder graph, string op, int input)
    {
        string[] inputs = [.. Enumerable.Range(0, input + 1).Select(i => i == input ? "n" : i == 0 || op == "Slice" ? "x" : "")];
        graph.Input("x", ElementType.Float, 2, 2);
        graph.Node(op, "y", inputs);
    }

    private static TensorData Longs(long[] numbers) => TensorData.FromArray(numbers, new TensorShape(numbers.Length));
}
