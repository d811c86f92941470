using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Tests.Training;

namespace CnnOnnx.Tests.Onnx;

[TestClass]
public sealed class ClassifierHeadTests
{
    [TestMethod]
    [DataRow("gemm", "scores", "fc.bias", 0)]
    [DataRow("gemm not transposed", "scores", "", 1)]
    [DataRow("gemm and softmax", "scores", "fc.bias", 1)]
    [DataRow("matmul and add", "scores", "fc.bias", 1)]
    [DataRow("conv and pool", "scores", "fc.bias", 0)]
    [DataRow("conv, pool and reshape", "scores", "", 0)]
    public void Find_UsualForms_HasWeightBiasAndScores(string form, string logits, string bias, int axis)
    {
        ClassifierHead head = ClassifierHead.Find(HeadGraphs.Build(form));
        Assert.AreEqual(("fc.weight", bias, axis, logits), (head.Weight.Name, head.Bias?.Name ?? "", head.ClassAxis, head.Logits));
        Assert.AreEqual(HeadGraphs.Classes, head.Classes);
    }

    [TestMethod]
    public void Find_SomethingElseLast_SaysWhatStandsThere()
    {
        var graph = new GraphBuilder("strange");
        string x = graph.Input("x", ElementType.Float, "N", 1, 8, 8);
        graph.Output(graph.Node("Sigmoid", "y", [graph.Node("Neg", "n", [x])]), ElementType.Float, "N", 1, 8, 8);

        var fault = Assert.ThrowsExactly<OnnxException>(() => ClassifierHead.Find(graph.Build()));

        Assert.AreEqual(
            "strange: node 'n' (Neg, opset 17): stands where the classifier is expected: Gemm, MatMul or Conv with weights of its own, "
            + "and behind it at most a softmax, a pool or a change of shape", fault.Message);
        Assert.AreEqual(("strange", "n", "Neg"), (fault.ModelSource, fault.Node, fault.Operator));
    }

    // PyTorch exports merge initializers that are equal: the head's bias is another layer's behind an Identity.
    [TestMethod]
    public void Resized_BiasThatIsAnotherLayersToo_GetsItsOwn()
    {
        OnnxModel model = OnnxModel.Read(SharedData.RequireCase("biases-merged-by-identity.onnx"));
        ClassifierHead head = ClassifierHead.Find(model);
        Assert.AreEqual(("/head2/Gemm", 10L), (head.Node.Name, head.Classes));

        OnnxModel resized = head.Resized(model, 3);

        ClassifierHead own = ClassifierHead.Find(resized);
        Assert.AreEqual((3L, new TensorShape(3)), (own.Classes, own.Bias!.Shape));
        Assert.AreNotEqual(head.Bias!.Name, own.Bias.Name);
        Assert.AreEqual(new TensorShape(10), resized.Graph.Initializer[head.Bias.Name].Shape);
    }

    // The Transpose goes with the weight that it turned; the new weight has the old one's name.
    [TestMethod]
    public void Resized_WeightBehindATranspose_IsReplacedWithIt()
    {
        var graph = new GraphBuilder("transposed");
        string x = graph.Input("x", ElementType.Float, "N", 4);
        string w = graph.Node("Transpose", "t", [HeadGraphs.Random(graph, "fc.weight", 5, 4)]);
        string bias = graph.Node("Constant", "b", [], ("value", TensorData.FromArray(new float[5], new TensorShape(5))));
        graph.Output(graph.Node("Add", "y", [graph.Node("MatMul", "m", [x, w]), bias]), ElementType.Float, "N", 5);
        OnnxModel model = graph.Build();
        Assert.AreEqual(5, ClassifierHead.Find(model).Classes);

        OnnxModel resized = model.WithClasses(2);

        Assert.AreEqual("MatMul, Add", string.Join(", ", resized.Graph.Nodes.Select(n => n.OpType)));
        Assert.AreEqual("fc.weight: float32[4, 2], b: float32[2]", string.Join(", ", resized.Graph.Initializers));
    }

    [TestMethod]
    public void Find_NoLayerWithWeights_SaysSo()
    {
        var graph = new GraphBuilder("flat");
        string x = graph.Input("x", ElementType.Float, "N", 1, 8, 8);
        graph.Output(graph.Node("Flatten", "y", [x]), ElementType.Float, "N", 64);
        var fault = Assert.ThrowsExactly<OnnxException>(() => ClassifierHead.Find(graph.Build()));
        Assert.AreEqual("flat: no layer with weights makes 'y', so there is no classifier to train", fault.Message);
    }
}
