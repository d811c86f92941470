using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Onnx;

/// <summary>Expressions of constants: their values by hand, and ONNX Runtime's as the referee.</summary>
[TestClass]
public sealed class ConstantExpressionTests
{
    private static readonly Dictionary<string, Func<GraphBuilder, string, string>> Expressions = new()
    {
        ["Transpose"] = (graph, a) => graph.Node("Transpose", "y", [a], ("perm", new long[] { 2, 0, 1 })),
        ["Transpose, reversed"] = (graph, a) => graph.Node("Transpose", "y", [a]),
        ["Reshape"] = (graph, a) => graph.Node("Reshape", "y", [a, Ints(graph, 0, -1)]),
        ["Flatten"] = (graph, a) => graph.Node("Flatten", "y", [a], ("axis", -1)),
        ["Unsqueeze and Squeeze"] = (graph, a) => graph.Node("Squeeze", "y", [graph.Node("Unsqueeze", "u", [a, Ints(graph, 0, -1)])]),
        ["Expand"] = (graph, a) =>
            graph.Node("Expand", "y", [graph.Node("Unsqueeze", "u", [a, Ints(graph, 1)]), Long(graph, "shape", 1, 3, 1, 1)]),
        ["Add"] = (graph, a) =>
            graph.Node("Add", "y", [a, graph.Initializer("b", TensorData.FromArray([1f, 2, 3], new TensorShape(3, 1)))]),
        ["Sub"] = (graph, a) =>
            graph.Node("Sub", "y", [graph.Initializer("b", TensorData.FromArray([1f, 2, 3, 4], new TensorShape(4))), a]),
        ["Max"] = (graph, a) => graph.Node("Max", "y", [a, graph.Initializer("b", TensorData.FromArray([1.5f], TensorShape.Scalar))]),
        ["Pow"] = (graph, a) => graph.Node("Pow", "y", [a, graph.Initializer("b", TensorData.FromArray([2f], TensorShape.Scalar))]),
        ["Neg, Abs, Sqrt"] = (graph, a) => graph.Node("Sqrt", "y", [graph.Node("Abs", "abs", [graph.Node("Neg", "neg", [a])])]),
        ["Exp, Reciprocal"] = (graph, a) => graph.Node("Reciprocal", "y", [graph.Node("Exp", "exp", [a])]),
        ["Clip"] = (graph, a) => graph.Node("Clip", "y", [a, graph.Initializer("low", TensorData.FromArray([-0.5f], TensorShape.Scalar))]),
        ["ReduceL2"] = (graph, a) => graph.Node("ReduceL2", "y", [a], ("axes", new long[] { -1 }), ("keepdims", 0)),
        ["ReduceMean"] = (graph, a) => graph.Node("ReduceMean", "y", [a], ("axes", new long[] { 0, 2 })),
        ["ReduceSum"] = (graph, a) => graph.Node("ReduceSum", "y", [a, Ints(graph, 1)]),
        ["ReduceSumSquare of all"] = (graph, a) => graph.Node("ReduceSumSquare", "y", [a]),
        ["Concat"] = (graph, a) => graph.Node("Concat", "y", [a, a], ("axis", 1)),
    };

    public static IEnumerable<object[]> Names => Expressions.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Load_IsWhatTheRuntimeComputes(string name)
    {
        var graph = new GraphBuilder(name);
        var random = new Random(5);
        string a = graph.Initializer("a",
            TensorData.FromArray([.. Enumerable.Range(0, 24).Select(_ => (float)(random.NextDouble() * 4 - 2))], new TensorShape(2, 3, 4)));
        graph.Input("x", ElementType.Float, 1);
        graph.Output(Expressions[name](graph, a), ElementType.Float, [.. Enumerable.Repeat(new Dimension(null), 0)]);
        OnnxModel model = graph.Build().WithOutputs(["y"]);

        ConstantExpression values = ConstantExpression.Of(model.Graph, "y")!;
        using ActivationSession session = ActivationSession.Open(model,
            new ActivationOptions { Selection = new TensorSelection { Constants = true } });
        using Activations run = session.Run(TensorData.FromArray([0f], new TensorShape(1)));
        Assert.AreEqual(run["y"].Shape, values.Shape);
        float[] expected = run["y"].Values.ToArray(), actual = values.Load();
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-6f * Math.Max(1, Math.Abs(expected[i])));
    }

    // |(3, 4)| = 5, |(0, 2)| = 2: (3, 4) · 10 / 5 and (0, 2) · 6 / 2.
    [TestMethod]
    public void Load_WeightNormalisation_IsTheNormalisedWeight()
    {
        NetworkWeight weight = NetworkWeights.Of(TensorRolesTests.WeightNorm()).Single();
        Assert.AreEqual(("y.weight", "v", new TensorShape(2, 1, 1, 2)), (weight.Name, weight.Tensor.Name, weight.Shape));
        CollectionAssert.AreEqual(new float[] { 6, 8, 0, 6 }, weight.Load());
    }

    [TestMethod]
    [DataRow("Identity", true)]
    [DataRow("RandomNormalLike", false)]
    [DataRow("Mod", false)]
    public void Of_WhatIsNotComputedHere_IsNull(string op, bool isKnown)
    {
        var graph = new GraphBuilder(op);
        string a = graph.Initializer("a", TensorData.FromArray([1f, 2], new TensorShape(1, 2)));
        graph.Output(graph.Node(op, "y", op == "Mod" ? [a, a] : [a]), ElementType.Float, 1, 2);
        Assert.AreEqual(isKnown, ConstantExpression.Of(graph.Build().Graph, "y") is not null);
    }

    // 60 sums of a tensor with itself are 2⁶⁰ leaves; each is computed once.
    [TestMethod]
    public void Load_SharedOperands_AreComputedOnce()
    {
        var graph = new GraphBuilder("doubling");
        string x = graph.Initializer("a", TensorData.FromArray([1f, 1], new TensorShape(1, 2)));
        for (int i = 0; i < 60; i++)
            x = graph.Node("Add", $"s{i}", [x, x]);
        graph.Output(x, ElementType.Float, 1, 2);
        CollectionAssert.AreEqual(new[] { MathF.Pow(2, 60), MathF.Pow(2, 60) }, ConstantExpression.Of(graph.Build().Graph, "s59")!.Load());
    }

    [TestMethod]
    [DataRow("kernels-behind-transpose.onnx", "[4, 3, 5, 5]")]
    [DataRow("weights-behind-transpose.onnx", "[8, 3, 3, 3], [16, 8, 3, 3], [10, 16]")]
    [DataRow("local-function.onnx", "[4, 3, 3, 3], [2, 4, 3, 3]")]
    public void Cases_HaveTheirKernels(string name, string shapes) => Assert.AreEqual(shapes,
        string.Join(", ", NetworkWeights.Of(OnnxModel.Read(SharedData.RequireCase(name))).Select(w => w.Shape)));

    private static string Ints(GraphBuilder graph, params long[] values) => Long(graph, "axes", values);

    private static string Long(GraphBuilder graph, string name, params long[] values) =>
        graph.Initializer(name, TensorData.FromArray(values, new TensorShape(values.Length)));
}
