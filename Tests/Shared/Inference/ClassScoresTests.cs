using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Inference;

[TestClass]
public sealed class ClassScoresTests
{
    // Probabilities of the logits 1, 3, 2: e^0, e^2 and e^1 over their sum 11.1073.
    private const double First = 0.66524, Second = 0.24473, Third = 0.09003;

    [TestMethod]
    [DataRow("Identity", "softmax")]
    [DataRow("Softmax", "nothing")]
    [DataRow("LogSoftmax", "exp")]
    public void Of_AnyKindOfOutput_GivesProbabilities(string op, string applied)
    {
        var scores = Scores(op, [1, 3, 2], ["a", "b", "c"])!;
        Assert.AreEqual("b c a", string.Join(' ', scores.Top.Select(t => t.Label)));
        Assert.AreEqual(applied, scores.Applied);
        Assert.AreEqual("y", scores.Tensor);
        Assert.AreEqual(First, scores.Top[0].Probability, 1e-5);
        Assert.AreEqual(Second, scores.Top[1].Probability, 1e-5);
        Assert.AreEqual(Third, scores.Top[2].Probability, 1e-5);
    }

    [TestMethod]
    public void Of_ProbabilitiesOfAnUnknownOperator_AreLeftAlone() =>
        Assert.AreEqual("nothing", Scores("Identity", [0.2f, 0.5f, 0.3f], ["a", "b", "c"])!.Applied);

    [TestMethod]
    public void Of_LargeLogits_DoNotOverflow() =>
        Assert.AreEqual(1.0, Scores("Identity", [0, 2000, -2000], ["a", "b", "c"])!.Top[0].Probability, 1e-9);

    [TestMethod]
    public void Of_OtherNumberOfLabels_IsNothing()
    {
        Assert.IsNull(Scores("Identity", [1, 3, 2], ["a", "b"]));
        Assert.IsNull(Scores("Identity", [1, 3, 2], null));
    }

    [TestMethod]
    public void ToString_SaysWhatWasDone() =>
        Assert.AreEqual(
            "b 0.665, c 0.245, a 0.090 (from 'y', softmax applied)", Scores("Identity", [1, 3, 2], ["a", "b", "c"])!.ToString());

    private static ClassScores? Scores(string op, float[] values, string[]? labels)
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 1, values.Length);
        // Axis -1 is the default of opset 13 and later.
        graph.Output(graph.Node(op, "y", [x]), ElementType.Float, 1, values.Length);
        OnnxModel model = graph.Build(new ModelCard { Labels = labels });
        using var session = ActivationSession.Open(model);
        using Activations seen = session.Run(TensorData.FromArray(values, new TensorShape(1, values.Length)));
        return ClassScores.Of(seen, model.Card);
    }
}
