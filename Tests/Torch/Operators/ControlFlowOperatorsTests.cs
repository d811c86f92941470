using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static CnnOnnx.Tests.Operators.OperatorCheck;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Operators;

[TestClass]
public sealed class ControlFlowOperatorsTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void If_BothBranchesUseWhatIsAround_AgreesWithOrt(bool condition)
    {
        GraphBuilder graph = Graph(("x", Floats([3], 1)));
        graph.Input("c", ElementType.Bool);
        GraphBuilder then = Branch("then", body => body.Node("Relu", "t", ["x"]));
        // The other branch has a weight of its own, and gives one thing twice.
        GraphBuilder otherwise = Branch("else", body =>
        {
            body.Initializer("w", Scalar(3));
            body.Node("Mul", "e", ["x", "w"]);
        });
        graph.Node("If", "y", ["c"], ("then_branch", then), ("else_branch", otherwise));
        AgreesWithOrt(graph, ["y"], ("x", Floats([3], 1)), ("c", Converted.From(ElementType.Bool, TensorShape.Scalar, [condition])));
    }

    [TestMethod]
    public void If_BranchThatOnlyNamesWhatIsAround_GivesIt()
    {
        GraphBuilder graph = Graph(("x", Floats([3], 1)));
        graph.Initializer("c", Converted.From(ElementType.Bool, TensorShape.Scalar, [true]));
        var then = new GraphBuilder("then", 16);
        then.Node("Identity", "a", ["x"]);
        then.Output("a", ElementType.Float, 3);
        then.Output("a2", ElementType.Float, 3);
        then.Node("Identity", "a2", ["a"]);
        graph.Node("If", "", "branching", ["c"], ["y", "z"], ("then_branch", then), ("else_branch", then));
        graph.Node("Add", "sum", ["y", "z"]);
        AgreesWithOrt(graph, ["y", "z", "sum"], ("x", Floats([3], 1)));
    }

    // sum ← sum + x · iteration, as long as the sum of all is below 20; every sum is a scan output.
    [TestMethod]
    [DataRow(3L)]
    [DataRow(100L)]
    [DataRow(0L)]
    [DataRow(null)]
    public void Loop_TripCountAndCondition_AgreesWithOrt(long? trips)
    {
        GraphBuilder graph = Graph(("x", Floats([3], 1, 0.5f, 2)));
        if (trips is not null)
            graph.Initializer("trips", TensorData.FromArray([trips.Value], TensorShape.Scalar));
        graph.Initializer("zero", TensorData.FromArray([0f, 0, 0], new TensorShape(3)));
        graph.Initializer("goes", Converted.From(ElementType.Bool, TensorShape.Scalar, [true]));
        graph.Node("Loop", "", "loop", [trips is null ? "" : "trips", "goes", "zero"], ["sum", "sums"], ("body", Summing()));
        AgreesWithOrt(graph, ["sum", "sums"], ("x", Floats([3], 1, 0.5f, 2)));
    }

    // A branch inside a loop sees the loop's own names and those around the loop.
    [TestMethod]
    public void Loop_WithIfThatLooksTwoGraphsOut_AgreesWithOrt()
    {
        GraphBuilder graph = Graph(("x", Floats([3], 1)));
        graph.Initializer("trips", TensorData.FromArray([4L], TensorShape.Scalar));
        graph.Initializer("start", TensorData.FromArray([1f, 1, 1], new TensorShape(3)));
        var body = new GraphBuilder("body", 16);
        LoopInputs(body);
        body.Initializer("two", TensorData.FromArray([2L], TensorShape.Scalar));
        body.Node("Less", "early", ["i", "two"]);
        body.Node("If", "next", ["early"],
            ("then_branch", Branch("then", b => b.Node("Add", "t", ["v", "x"]))),
                ("else_branch", Branch("else", b => b.Node("Mul", "e", ["v", "x"]))));
        body.Node("Identity", "still", ["goes"]);
        body.Output("still", ElementType.Bool);
        body.Output("next", ElementType.Float, 3);
        graph.Node("Loop", "y", ["trips", "", "start"], ("body", body));
        AgreesWithOrt(graph, ["y"], ("x", Floats([3], 1)));
    }

    // Old exporters declare the iteration number as a vector of one, and squeeze it.
    [TestMethod]
    public void Loop_IterationDeclaredAsAVector_IsOne()
    {
        GraphBuilder graph = Graph(("x", Floats([3], 1)));
        graph.Initializer("trips", TensorData.FromArray([3L], TensorShape.Scalar));
        var body = new GraphBuilder("body", 16);
        body.Input("i", ElementType.Int64, 1);
        body.Input("goes", ElementType.Bool);
        body.Input("v", ElementType.Float, 3);
        body.Initializer("axes", Vector(0));
        body.Node("Squeeze", "number", ["i", "axes"]);
        body.Node("Cast", "weight", ["number"], ("to", (long)ElementType.Float));
        body.Node("Add", "next", ["v", "weight"]);
        body.Node("Identity", "still", ["goes"]);
        body.Output("still", ElementType.Bool);
        body.Output("next", ElementType.Float, 3);
        graph.Node("Loop", "y", ["trips", "", "x"], ("body", body));
        AgreesWithOrt(graph, ["y"], ("x", Floats([3], 1)));
    }

    [TestMethod]
    public void Loop_WithoutEnd_IsRefused()
    {
        GraphBuilder graph = Graph(("x", Floats([3], 1)));
        var body = new GraphBuilder("body", 16);
        LoopInputs(body);
        // Computed, so that only a run shows that it never ends.
        body.Initializer("zero", TensorData.FromArray([0L], TensorShape.Scalar));
        body.Node("GreaterOrEqual", "still", ["i", "zero"]);
        body.Node("Identity", "next", ["v"]);
        body.Output("still", ElementType.Bool);
        body.Output("next", ElementType.Float, 3);
        graph.Node("Loop", "y", ["", "", "x"], ("body", body));
        graph.Output("y", ElementType.Float, 3);
        OnnxException fault = Assert.ThrowsExactly<OnnxException>(() => Run(graph.Build(), ["y"], [("x", Floats([3], 1))]));
        Assert.Contains("node 'y' (Loop, opset 16): still runs after 100000 iterations", fault.Message);
    }

    [TestMethod]
    [DataRow(0L, 0L)]
    [DataRow(1L, 0L)]
    [DataRow(0L, 1L)]
    public void Scan_AnyAxisAndDirection_AgreesWithOrt(long direction, long axis)
    {
        TensorData sequence = Floats(axis == 0 ? [4, 2] : [2, 4], 3);
        GraphBuilder graph = Graph(("s", Floats([2], 1)), ("x", sequence));
        var body = new GraphBuilder("body", 16);
        body.Input("state", ElementType.Float, 2);
        body.Input("element", ElementType.Float, 2);
        body.Node("Add", "next", ["state", "element"]);
        body.Node("Identity", "each", ["next"]);
        body.Output("next", ElementType.Float, 2);
        body.Output("each", ElementType.Float, 2);
        graph.Node("Scan", "", "scan", ["s", "x"], ["last", "all"], ("body", body), ("num_scan_inputs", 1),
            ("scan_input_directions", new[] { direction }), ("scan_input_axes", new[] { axis }),
                ("scan_output_directions", new[] { 1 - direction }), ("scan_output_axes", new[] { -1L }));
        AgreesWithOrt(graph, ["last", "all"], ("s", Floats([2], 1)), ("x", sequence));
    }

    [TestMethod]
    public void Constructor_UnsupportedOperatorsInBodies_AreAllNamedAtOnce()
    {
        GraphBuilder graph = Graph(("x", Floats([3], 1)));
        graph.Initializer("c", Converted.From(ElementType.Bool, TensorShape.Scalar, [true]));
        graph.Node("Fancy", "f", ["x"]);
        graph.Node("If", "y", ["c"], ("then_branch", Branch("then", b => b.Node("Odd", "t", ["f"]))),
            ("else_branch", Branch("else", b => b.Node("Odd", "e", ["x"]))));
        graph.Output("y", ElementType.Float, 3);
        OnnxException fault = Assert.ThrowsExactly<OnnxException>(() => new OnnxModule(graph.Build()));
        Assert.Contains("3 nodes use operators that are not supported: node 'f' (Fancy, opset 16); node 't' (Odd, opset 16); node "
            + "'e' (Odd, opset 16)", fault.Message);
    }

    // A weight that only a body uses is a parameter, and learns.
    [TestMethod]
    public void Backward_WeightUsedInABody_GetsAGradient()
    {
        GraphBuilder graph = Graph(("x", Floats([1, 3], 1)));
        graph.Initializer("c", Converted.From(ElementType.Bool, TensorShape.Scalar, [true]));
        graph.Initializer("w", Floats([3, 2], 2));
        var then = new GraphBuilder("then", 16);
        then.Node("MatMul", "t", ["x", "w"]);
        then.Output("t", ElementType.Float, 1, 2);
        graph.Node("If", "y", ["c"], ("then_branch", then), ("else_branch", then));
        graph.Output("y", ElementType.Float, 1, 2);
        using DisposeScope scope = NewDisposeScope();
        using var module = new OnnxModule(graph.Build());
        module.forward(TorchTensors.From(Floats([1, 3], 1), CPU)).sum().backward();
        Assert.IsNotNull(module.get_parameter("w")?.grad);
    }

    [TestMethod]
    public void Run_ManyTimes_LeavesNoTensorsBehind()
    {
        GraphBuilder graph = Graph(("x", Floats([3], 1, 0.5f, 2)));
        graph.Initializer("trips", TensorData.FromArray([5L], TensorShape.Scalar));
        graph.Initializer("zero", TensorData.FromArray([0f, 0, 0], new TensorShape(3)));
        graph.Node("Loop", "", "loop", ["trips", "", "zero"], ["sum", "sums"], ("body", Summing()));
        graph.Output("sum", ElementType.Float, 3);
        OnnxModel model = graph.Build();
        Run(model, ["sum"], [("x", Floats([3], 1))]);
        long before = Tensor.TotalCount;
        for (int i = 0; i < 10; i++)
            Run(model, ["sum"], [("x", Floats([3], 1))]);
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    private static GraphBuilder Graph(params (string Name, TensorData Value)[] inputs)
    {
        var graph = new GraphBuilder("graph", 16);
        foreach ((string name, TensorData value) in inputs)
            graph.Input(name, value.Type, [.. value.Shape.Dims.Select(size => (Dimension)size)]);
        return graph;
    }

    /// <summary>A graph without inputs whose only output, of three floats, is what the given node makes.</summary>
    private static GraphBuilder Branch(string name, Action<GraphBuilder> fill)
    {
        var body = new GraphBuilder(name, 16);
        fill(body);
        body.Output(name == "then" ? "t" : "e", ElementType.Float, 3);
        return body;
    }

    private static void LoopInputs(GraphBuilder body)
    {
        body.Input("i", ElementType.Int64);
        body.Input("goes", ElementType.Bool);
        body.Input("v", ElementType.Float, 3);
    }

    private static GraphBuilder Summing()
    {
        var body = new GraphBuilder("body", 16);
        LoopInputs(body);
        body.Initializer("limit", Scalar(20));
        body.Node("Cast", "weight", ["i"], ("to", (long)ElementType.Float));
        body.Node("Mul", "more", ["x", "weight"]);
        body.Node("Add", "next", ["v", "more"]);
        body.Node("ReduceSum", "all", ["next"], ("keepdims", 0));
        body.Node("Less", "still", ["all", "limit"]);
        body.Node("Identity", "each", ["next"]);
        body.Output("still", ElementType.Bool);
        body.Output("next", ElementType.Float, 3);
        body.Output("each", ElementType.Float, 3);
        return body;
    }

    private static void AgreesWithOrt(GraphBuilder graph, string[] outputs, params (string Name, TensorData Value)[] inputs)
    {
        OnnxModel built = graph.Build().WithOutputs(outputs);
        TensorData[] expected = OrtReferee.Run(built, inputs), actual = Run(built, outputs, inputs);
        for (int i = 0; i < outputs.Length; i++)
            Assert.IsNull(Difference(actual[i], expected[i], 1e-5, 1e-6), outputs[i]);
    }

    private static TensorData[] Run(OnnxModel model, string[] outputs, (string Name, TensorData Value)[] inputs)
    {
        using DisposeScope scope = NewDisposeScope();
        using var module = new OnnxModule(model);
        using (no_grad())
            return [.. module.Run([.. inputs.Select(i => (i.Name, TorchTensors.From(i.Value, CPU)))], outputs)
                .Select(t => TorchTensors.ToData(t))];
    }
}
