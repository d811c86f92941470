using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Tests.Training;

namespace CnnOnnx.Tests.Onnx;

/// <summary>What a weight is, wherever exporters put it.</summary>
[TestClass]
public sealed class TensorRolesTests
{
    private static readonly Dictionary<string, Func<GraphBuilder, string, string>> Chains = new()
    {
        ["nothing"] = (_, w) => w,
        ["Identity"] = (graph, w) => graph.Node("Identity", "k", [w]),
        ["Cast"] = (graph, w) => graph.Node("Cast", "k", [w], ("to", 1)),
        ["Transpose"] = (graph, w) => graph.Node("Transpose", "k", [w], ("perm", new long[] { 0, 1, 3, 2 })),
        ["two of them"] = (graph, w) =>
            graph.Node("Identity", "k", [graph.Node("Transpose", "t", [w], ("perm", new long[] { 0, 1, 3, 2 }))]),
        ["Reshape"] = (graph, w) => graph.Node("Reshape", "k",
            [w, graph.Initializer("shape", TensorData.FromArray([4L, 1, 3, 3], new TensorShape(4)))]),
        ["a number"] = (graph, w) =>
            graph.Node("Mul", "k", [w, graph.Initializer("half", TensorData.FromArray([0.5f], TensorShape.Scalar))]),
    };

    public static IEnumerable<object[]> ChainNames => Chains.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(ChainNames))]
    public void Of_WeightBehindAChain_IsAWeight(string chain)
    {
        OnnxGraph graph = Convolution(chain);
        Dictionary<string, TensorRole> roles = TensorRoles.Of(graph, graph.Nodes);
        Assert.AreEqual((TensorRole.Weight, TensorRole.Weight), (roles["w"], roles["b"]));
        Assert.IsTrue(roles.Where(r => r.Key is not ("w" or "b")).All(r => r.Value == TensorRole.Constant));
    }

    [TestMethod]
    public void Of_WeightNormalisation_BothPartsAreWeights()
    {
        OnnxGraph graph = WeightNorm().Graph;
        Dictionary<string, TensorRole> roles = TensorRoles.Of(graph, graph.Nodes);
        Assert.AreEqual((TensorRole.Weight, TensorRole.Weight, TensorRole.Constant), (roles["g"], roles["v"], roles["eps"]));
    }

    [TestMethod]
    [DataRow("Sub", true)]
    [DataRow("Div", true)]
    [DataRow("Mul", true)]
    [DataRow("Add", true)]
    public void Of_ConstantsBeforeTheFirstConvolution_AreNoWeights(string op, bool isConstant)
    {
        var graph = new GraphBuilder("normalised");
        string x = graph.Input("x", ElementType.Float, "N", 1, 8, 8);
        x = graph.Node(op, "scaled", [x, HeadGraphs.Random(graph, "first", 1, 1, 8, 8)]);
        x = graph.Node("Conv", "c", [x, HeadGraphs.Random(graph, "w", 2, 1, 3, 3)]);
        x = graph.Node(op, "after", [x, HeadGraphs.Random(graph, "later", 1, 2, 1, 1)]);
        graph.Output(x, ElementType.Float, "N", 2, 6, 6);
        OnnxModel model = graph.Build();
        Dictionary<string, TensorRole> roles = TensorRoles.Of(model.Graph, model.Graph.Nodes);
        Assert.AreEqual(isConstant ? TensorRole.Constant : TensorRole.Weight, roles["first"]);
        Assert.AreEqual((TensorRole.Weight, TensorRole.Weight), (roles["w"], roles["later"]));
        Assert.AreEqual($"first: float32[1, 1, 8, 8] shifts or scales the input, in {op} 'scaled'",
            TensorRoles.Untrained(model).Single().ToString());
    }

    // Without a layer behind it, it is all that there is to train.
    [TestMethod]
    public void Of_ScaleWithoutAnyLayer_IsAWeight()
    {
        var graph = new GraphBuilder("scale");
        graph.Output(graph.Node("Mul", "y", [graph.Input("x", ElementType.Float, "N", 3), HeadGraphs.Random(graph, "s", 3)]),
            ElementType.Float, "N", 3);
        OnnxGraph built = graph.Build().Graph;
        Assert.AreEqual(TensorRole.Weight, TensorRoles.Of(built, built.Nodes)["s"]);
    }

    [TestMethod]
    public void Untrained_QuantisedWeight_SaysThatItHasNoGradient()
    {
        var graph = new GraphBuilder("quantised");
        string q = graph.Initializer("q", new TensorData(ElementType.Int8, new TensorShape(2, 1, 1, 1), new byte[] { 1, 2 }));
        string scale = graph.Initializer("scale", TensorData.FromArray([0.5f], TensorShape.Scalar));
        string w = graph.Node("DequantizeLinear", "w", [q, scale]);
        graph.Output(graph.Node("Conv", "y", [graph.Input("x", ElementType.Float, "N", 1, 4, 4), w]), ElementType.Float, "N", 2, 4, 4);
        Assert.AreEqual(
            "q: int8[2, 1, 1, 1] holds int8, which has no gradient; scale: float32[] is input 1 of DequantizeLinear 'w', which "
                + "is no weight",
            string.Join("; ", TensorRoles.Untrained(graph.Build())));
    }

    [TestMethod]
    public void Untrained_PlainNetwork_HasNone() => Assert.IsEmpty(TensorRoles.Untrained(SmallNetworks.LeNet()));

    [TestMethod]
    public void WithConstantWeights_ConstantNode_BecomesAnInitializer()
    {
        var graph = new GraphBuilder("constant");
        string w = graph.Node("Constant", "w", [], ("value", TensorData.FromArray([1f, 2, 3, 4], new TensorShape(2, 2))));
        string other = graph.Node("Constant", "bound", [], ("value", TensorData.FromArray([1f, 2], new TensorShape(2))));
        string x = graph.Node("MatMul", "m", [graph.Input("x", ElementType.Float, "N", 2), graph.Node("Transpose", "t", [w])]);
        graph.Output(graph.Node("Pow", "y", [x, other]), ElementType.Float, "N", 2);
        OnnxModel model = graph.Build(), moved = model.WithConstantWeights();

        Assert.AreEqual("w: float32[2, 2]", string.Join(", ", moved.Graph.Initializers));
        Assert.AreEqual("Constant, Transpose, MatMul, Pow", string.Join(", ", moved.Graph.Nodes.Select(n => n.OpType)));
        Assert.AreEqual(TensorRole.Weight, TensorRoles.Of(moved.Graph, moved.Graph.Nodes)["w"]);
        Assert.AreSame(moved, moved.WithConstantWeights());
    }

    [TestMethod]
    [DataRow("weights-behind-transpose.onnx", 1_562, "")]
    [DataRow("biases-merged-by-identity.onnx", 583, "")]
    [DataRow("mean-and-std-inside.onnx", 338, "mean, std")]
    public void Cases_CountTheirWeights(string name, long elements, string untrained)
    {
        OnnxModel model = OnnxModel.Read(SharedData.RequireCase(name));
        Dictionary<string, TensorRole> roles = TensorRoles.Of(model.Graph, model.Graph.Nodes);
        Assert.AreEqual(elements, model.Graph.Initializers.Where(t => roles[t.Name] == TensorRole.Weight).Sum(t => t.Shape.Count));
        Assert.AreEqual(untrained,
            string.Join(", ", TensorRoles.Untrained(model).Where(t => t.Tensor.Shape.Count > 1).Select(t => t.Tensor.Name)));
    }

    internal static OnnxModel WeightNorm()
    {
        var graph = new GraphBuilder("weight norm");
        string v = graph.Initializer("v", TensorData.FromArray([3f, 4, 0, 2], new TensorShape(2, 1, 1, 2)));
        string g = graph.Initializer("g", TensorData.FromArray([10f, 6], new TensorShape(2, 1, 1, 1)));
        string eps = graph.Initializer("eps", TensorData.FromArray([1e-12f], TensorShape.Scalar));
        string norm = graph.Node("Clip", "clipped", [graph.Node("ReduceL2", "norm", [v], ("axes", new long[] { 1, 2, 3 })), eps]);
        string w = graph.Node("Mul", "w", [graph.Node("Div", "direction", [v, norm]), g]);
        graph.Output(graph.Node("Conv", "y", [graph.Input("x", ElementType.Float, "N", 1, 4, 4), w]), ElementType.Float, "N", 2, 4, 3);
        return graph.Build();
    }

    private static OnnxGraph Convolution(string chain)
    {
        var graph = new GraphBuilder(chain);
        string x = graph.Input("x", ElementType.Float, "N", 1, 8, 8);
        string w = Chains[chain](graph, HeadGraphs.Random(graph, "w", 4, 1, 3, 3));
        string b = graph.Node("Identity", "same", [HeadGraphs.Random(graph, "b", 4)]);
        graph.Output(graph.Node("Conv", "y", [x, w, b]), ElementType.Float, "N", 4, 6, 6);
        return graph.Build().Graph;
    }
}
