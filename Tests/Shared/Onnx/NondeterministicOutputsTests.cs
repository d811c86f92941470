using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Onnx;

[TestClass]
public sealed class NondeterministicOutputsTests
{
    [TestMethod]
    [DataRow("RandomNormalLike")]
    [DataRow("RandomUniformLike")]
    [DataRow("Bernoulli")]
    public void Of_RandomOperator_NamesItAndAllThatHangsOnIt(string op)
    {
        var graph = new GraphBuilder("random", opset: 15);
        string x = graph.Input("x", ElementType.Float, "N", 3);
        string noise = graph.Node(op, "noise", [x]);
        string safe = graph.Node("Relu", "safe", [x]);
        graph.Node("Shape", "shape", [noise]);
        graph.Output(graph.Node("Add", "y", [safe, graph.Node("Neg", "after", [noise])]), ElementType.Float, "N", 3);

        IReadOnlyDictionary<string, OnnxNode> open = NondeterministicOutputs.Of(graph.Build().Graph);

        // The shape of random numbers is not random.
        CollectionAssert.AreEquivalent(new[] { "noise", "after", "y" }, open.Keys.ToArray());
        Assert.IsTrue(open.Values.All(cause => cause.Name == "noise"));
    }

    [TestMethod]
    [DataRow(true, 0.5f, "dropped, mask, y")]
    [DataRow(false, 0.5f, "")]
    [DataRow(true, 0f, "")]
    public void Of_Dropout_InTrainingModeOnly(bool training, float ratio, string expected)
    {
        var graph = new GraphBuilder("dropout");
        string x = graph.Input("x", ElementType.Float, "N", 3);
        string share = graph.Initializer("ratio", TensorData.FromArray([ratio], TensorShape.Scalar));
        string mode = graph.Node("Constant", "mode", [],
            ("value", new TensorData(ElementType.Bool, TensorShape.Scalar, new[] { (byte)(training ? 1 : 0) })));
        graph.Node("Dropout", "", "drop", [x, share, mode], ["dropped", "mask"]);
        graph.Output(graph.Node("Relu", "y", ["dropped"]), ElementType.Float, "N", 3);
        Assert.AreEqual(expected, string.Join(", ", NondeterministicOutputs.Of(graph.Build().Graph).Keys.Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    public void Of_DropoutWhoseModeOnlyARunKnows_IsOpen()
    {
        var graph = new GraphBuilder("dropout");
        string x = graph.Input("x", ElementType.Float, "N", 3);
        string ratio = graph.Initializer("ratio", TensorData.FromArray([0.5f], TensorShape.Scalar));
        graph.Output(graph.Node("Dropout", "y", [x, ratio, graph.Input("mode", ElementType.Bool)]), ElementType.Float, "N", 3);
        Assert.IsTrue(NondeterministicOutputs.Of(graph.Build().Graph).ContainsKey("y"));
    }

    [TestMethod]
    [DataRow("RandomNormalLike", true)]
    [DataRow("Neg", false)]
    public void Of_RandomNumbersInsideABranch_ReachTheNodesResults(string op, bool isOpen)
    {
        var graph = new GraphBuilder("branch");
        string x = graph.Input("x", ElementType.Float, 2);
        graph.Node("If", "y", [graph.Input("condition", ElementType.Bool)], ("then_branch", Branch(op)), ("else_branch", Branch("Relu")));
        graph.Output(graph.Node("Neg", "z", ["y"]), ElementType.Float, 2);
        Assert.AreEqual(isOpen ? "y, z" : "", string.Join(", ", NondeterministicOutputs.Of(graph.Build().Graph).Keys));

        GraphBuilder Branch(string operation)
        {
            var body = new GraphBuilder(operation);
            body.Output(body.Node(operation, operation + "_out", [x]), ElementType.Float, 2);
            return body;
        }
    }

    [TestMethod]
    public void Of_BranchThatReadsRandomNumbers_IsOpen()
    {
        var graph = new GraphBuilder("branch");
        string noise = graph.Node("RandomNormal", "noise", [], ("shape", new long[] { 2 }));
        var body = new GraphBuilder("then");
        body.Output(body.Node("Relu", "inner", [noise]), ElementType.Float, 2);
        var other = new GraphBuilder("else");
        other.Output(other.Node("Constant", "zero", [], ("value", TensorData.FromArray([0f, 0], new TensorShape(2)))), ElementType.Float,
            2);
        graph.Node("If", "y", [graph.Input("condition", ElementType.Bool)], ("then_branch", body), ("else_branch", other));
        graph.Output("y", ElementType.Float, 2);
        Assert.IsTrue(NondeterministicOutputs.Of(graph.Build().Graph).ContainsKey("y"));
    }

    [TestMethod]
    public void Of_CaseWithDropoutInTrainingMode_ReachesTheOutput()
    {
        OnnxGraph graph = OnnxModel.Read(SharedData.RequireCase("dropout-in-training-mode.onnx")).Graph;
        IReadOnlyDictionary<string, OnnxNode> open = NondeterministicOutputs.Of(graph);
        Assert.AreEqual("Dropout", open[graph.Outputs[0].Name].OpType);
        Assert.IsFalse(open.ContainsKey(graph.Nodes[0].Outputs[0]));
    }
}
