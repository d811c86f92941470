using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Onnx;

/// <summary>ONNX Runtime runs the lifted models; what they should make is worked out by hand.</summary>
[TestClass]
public sealed class SubgraphLiftingTests
{
    private static readonly TensorData X = TensorData.FromArray([1f, -2], new TensorShape(2));

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Run_If_ShowsTheBranchThatWasTakenAndAnEmptyOther(bool condition)
    {
        using var session = ActivationSession.Open(Branches());
        using Activations seen = session.Run(new Dictionary<string, TensorData>
        {
            ["x"] = X,
            ["condition"] = new(ElementType.Bool, TensorShape.Scalar, new[] { condition ? (byte)1 : (byte)0 }),
        });

        CollectionAssert.AreEquivalent(new[] { "y", "if/then/negative", "if/then/larger", "if/else/signs", "if/else/r" },
            session.Tensors.ToArray());
        float[] negative = condition ? [-1, 2] : [];
        float[] signs = condition ? [] : [1, 0];
        CollectionAssert.AreEqual(negative, seen["if/then/negative"].Values.ToArray());
        CollectionAssert.AreEqual(signs, seen["if/else/signs"].Values.ToArray());
        Assert.AreEqual(ElementType.Bool, seen["if/else/signs"].ElementType);
        CollectionAssert.AreEqual(condition ? new float[] { 1, 2 } : [1, -2], seen["y"].Values.ToArray());
    }

    [TestMethod]
    public void Run_Loop_StacksTheRounds()
    {
        using var session = ActivationSession.Open(Sum(grows: false));
        using Activations seen = session.Run(X);

        Activation twice = seen["loop/body/twice"];
        Assert.AreEqual(new TensorShape(3, 2), twice.Shape);
        // The sum before a round, doubled: x·2·round.
        CollectionAssert.AreEqual(new float[] { 2, -4, 4, -8, 6, -12 }, twice.Values.ToArray());
        Assert.AreEqual(ElementType.Bool, seen["loop/body/go"].ElementType);
        CollectionAssert.AreEqual(new float[] { 4, -8 }, seen["y"].Values.ToArray());
    }

    [TestMethod]
    public void Run_LoopWhoseTensorsGrow_ShowsTheLastRound()
    {
        using var session = ActivationSession.Open(Sum(grows: true));
        using Activations seen = session.Run(X);

        CollectionAssert.AreEqual(new float[] { 2, -4, 2, -4, 2, -4 }, seen["loop/body/twice"].Values.ToArray());
        CollectionAssert.AreEqual(new float[] { 1, -2, 1, -2, 1, -2, 1, -2 }, seen["y"].Values.ToArray());
        using Activations again = session.Run(X);
        Assert.AreEqual(new TensorShape(6), again["loop/body/twice"].Shape);
    }

    [TestMethod]
    public void Apply_WhatIsNestedDeeper_IsNamedWithAReason()
    {
        GraphBuilder inner = Body("deep", b => b.Node("Neg", "deepest", ["x"]));
        GraphBuilder outer = new("outer");
        outer.Node("If", "", "inner", ["condition"], ["r"], ("then_branch", inner), ("else_branch", inner));
        outer.Output("r", ElementType.Float, 2);
        OnnxModel model = WithIf(outer, outer);

        SubgraphLifting lifting = SubgraphLifting.Apply(model, LoopRounds.All, _ => true);

        Assert.Contains(("if/then/inner/then/deepest", "is nested more than one level deep"), lifting.Refused);
        Assert.Contains("if/then/r", lifting.Lifted);
    }

    [TestMethod]
    public void Run_CallOfAFunction_ShowsWhatIsInside()
    {
        var graph = new GraphBuilder("calls");
        string x = graph.Input("x", ElementType.Float, 2);
        graph.Node("Twice", "local", "call", [x], ["y"]);
        graph.Output("y", ElementType.Float, 2);
        ModelProto proto = graph.Build().Proto;
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        proto.Functions.Add(new FunctionProto
        {
            Name = "Twice",
            Domain = "local",
            Input = { "a" },
            Output = { "b" },
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
            Node = { new NodeProto { OpType = "Add", Input = { "a", "a" }, Output = { "b" } } },
        });

        using var session = ActivationSession.Open(new OnnxModel(proto, "calls"));
        using Activations seen = session.Run(X);

        Assert.AreEqual(("Add", "Add_y"), (seen["y"].Op, seen["y"].Node));
        CollectionAssert.AreEqual(new float[] { 2, -4 }, seen["y"].Values.ToArray());
    }

    [TestMethod]
    public void Run_Float8_ShowsACopyAsFloat()
    {
        var graph = new GraphBuilder("float8", opset: 19);
        string x = graph.Input("x", ElementType.Float, 2);
        string small = graph.Node("Cast", "small", [x], ("to", (long)ElementType.Float8E4M3FN));
        graph.Output(graph.Node("Cast", "y", [small], ("to", (long)ElementType.Float)), ElementType.Float, 2);

        using var session = ActivationSession.Open(graph.Build());
        using Activations seen = session.Run(TensorData.FromArray([1.07f, -2], new TensorShape(2)));

        // Three bits of mantissa: 1.07 is nearer to 1.125 than to 1.
        CollectionAssert.AreEqual(new float[] { 1.125f, -2 }, seen["small/float32"].Values.ToArray());
        Assert.AreEqual("small", session.Skipped.Single().Name);
    }

    [TestMethod]
    public void Apply_ModelWithoutBodies_StaysTheSameObject()
    {
        OnnxModel model = new(SmallModels.ConvRelu(), "small");
        Assert.AreSame(model, SubgraphTensors.Open(model, LoopRounds.All).Model);
    }

    private static OnnxModel Branches()
    {
        GraphBuilder taken = Body("then", b => b.Node("Max", "larger", [b.Node("Neg", "negative", ["x"]), "x"]));
        GraphBuilder other = new("else");
        other.Node("Greater", "signs", ["x", other.Initializer("zero", TensorData.FromArray([0f], new TensorShape(1)))]);
        other.Node("Identity", "r", ["x"]);
        other.Output("r", ElementType.Float, 2);
        return WithIf(taken, other);
    }

    private static GraphBuilder Body(string name, Func<GraphBuilder, string> make)
    {
        var body = new GraphBuilder(name);
        body.Output(make(body), ElementType.Float, 2);
        return body;
    }

    private static OnnxModel WithIf(GraphBuilder taken, GraphBuilder other)
    {
        var graph = new GraphBuilder("branches");
        graph.Input("x", ElementType.Float, 2);
        graph.Input("condition", ElementType.Bool);
        graph.Node("If", "", "if", ["condition"], ["y"], ("then_branch", taken), ("else_branch", other));
        graph.Output("y", ElementType.Float, 2);
        return graph.Build();
    }

    /// <summary>Three rounds of sum = sum + x, or of sum = sum and x in one row.</summary>
    private static OnnxModel Sum(bool grows)
    {
        var body = new GraphBuilder("body");
        body.Input("round", ElementType.Int64);
        body.Input("goes", ElementType.Bool);
        body.Input("sum", ElementType.Float, new Dimension(null));
        body.Node("Add", "twice", ["sum", "sum"]);
        body.Node("Identity", "go", ["goes"]);
        if (grows)
            body.Node("Concat", "next", ["sum", "x"], ("axis", 0L));
        else
            body.Node("Add", "next", ["sum", "x"]);
        body.Output("go", ElementType.Bool);
        body.Output("next", ElementType.Float, new Dimension(null));

        var graph = new GraphBuilder("sum");
        graph.Input("x", ElementType.Float, 2);
        string rounds = graph.Initializer("rounds", TensorData.FromArray([3L], TensorShape.Scalar));
        graph.Node("Loop", "", "loop", [rounds, "", "x"], ["y"], ("body", body));
        graph.Output("y", ElementType.Float, new Dimension(null));
        return graph.Build();
    }
}
