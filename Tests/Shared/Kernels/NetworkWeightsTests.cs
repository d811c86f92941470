using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Kernels;

[TestClass]
public sealed class NetworkWeightsTests
{
    [TestMethod]
    public void All_OfLeNet_AreItsLayersInOrder() => Assert.AreEqual(
        "0 conv1.weight conv1 False, 1 conv2.weight conv2 False, 2 fc1.weight fc1 False, 3 fc2.weight fc2 False, "
        + "4 logits.weight logits False",
        Describe(SmallNetworks.LeNet()));

    // [in, out] for MatMul and a Gemm that does not transpose; a weight on the left is [out, in]. Biases and inputs are none.
    [TestMethod]
    public void All_MatrixProducts_KnowWhichAxisIsTheInput()
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 4, 4);
        x = graph.Node("MatMul", "right", [x, Weight(graph, "w1", 4, 4)]);
        x = graph.Node("MatMul", "left", [Weight(graph, "w2", 4, 4), x]);
        x = graph.Node("Gemm", "plain", [x, Weight(graph, "w3", 4, 4), Weight(graph, "bias", 4)]);
        x = graph.Node("Gemm", "transposed", [x, Weight(graph, "w4", 4, 4)], ("transB", 1));
        x = graph.Node("MatMul", "none", [x, x]);
        graph.Output(x, ElementType.Float, 4, 4);
        Assert.AreEqual("0 w1 right True, 1 w2 left False, 2 w3 plain True, 3 w4 transposed False", Describe(graph.Build()));
    }

    [TestMethod]
    public void All_QuantisedWeight_IsSeenThroughDequantizeLinear()
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 1, 1, 2, 2);
        string q = graph.Initializer("q", new TensorData(ElementType.Int8, new TensorShape(2, 1, 1, 2), new byte[] { 10, 0, 0xff, 4 }));
        string scale = graph.Initializer("s", TensorData.FromArray([0.5f, 2f], new TensorShape(2)));
        string zero = graph.Initializer("z", new TensorData(ElementType.Int8, new TensorShape(2), new byte[] { 2, 0xfe }));
        string w = graph.Node("DequantizeLinear", "w", [q, scale, zero], ("axis", 0));
        graph.Output(graph.Node("Conv", "y", [x, graph.Node("Identity", "same", [w])]), ElementType.Float, 1, 2, 2, 1);

        NetworkWeight weight = NetworkWeights.Of(graph.Build()).Single();
        Assert.AreEqual("q", weight.Name);
        // (q - zero) * scale of the output's own pair: (10-2)/2, (0-2)/2, (-1+2)*2, (4+2)*2
        CollectionAssert.AreEqual(new float[] { 4, -1, 2, 12 }, weight.Load());
    }

    [TestMethod]
    public void All_ConstantNode_IsAWeightToo()
    {
        var graph = new GraphBuilder("m");
        string w = graph.Node("Constant", "w", [], ("value", TensorData.FromArray([1f, 2f], new TensorShape(2, 1))));
        graph.Output(graph.Node("MatMul", "y", [graph.Input("x", ElementType.Float, 1, 2), w]), ElementType.Float, 1, 1);
        NetworkWeight weight = NetworkWeights.Of(graph.Build()).Single();
        Assert.AreEqual("y.weight", weight.Name);
        CollectionAssert.AreEqual(new float[] { 1, 2 }, weight.Load());
    }

    private static string Describe(OnnxModel model) =>
        string.Join(", ", NetworkWeights.Of(model).Select(w => $"{w.Index} {w.Name} {w.Node.Name} {w.InputsFirst}"));

    private static string Weight(GraphBuilder graph, string name, params long[] shape) =>
        graph.Initializer(name, TensorData.FromArray(new float[new TensorShape(shape).Count], new TensorShape(shape)));
}
