using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
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

        Assert.AreEqual("strange: node 'n' (Neg, opset 17): stands where the classifier is expected: Gemm, MatMul or Conv with weights of its own, "
            + "and behind it at most a softmax, a pool or a change of shape", fault.Message);
        Assert.AreEqual(("strange", "n", "Neg"), (fault.ModelSource, fault.Node, fault.Operator));
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
