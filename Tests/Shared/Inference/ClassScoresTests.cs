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
        Assert.AreEqual(First, scores.Top[0].Probability!.Value, 1e-5);
        Assert.AreEqual(Second, scores.Top[1].Probability!.Value, 1e-5);
        Assert.AreEqual(Third, scores.Top[2].Probability!.Value, 1e-5);
    }

    [TestMethod]
    public void Of_ProbabilitiesOfAnUnknownOperator_AreLeftAlone() =>
        Assert.AreEqual("nothing", Scores("Identity", [0.2f, 0.5f, 0.3f], ["a", "b", "c"])!.Applied);

    [TestMethod]
    public void Of_LargeLogits_DoNotOverflow() =>
        Assert.AreEqual(1.0, Scores("Identity", [0, 2000, -2000], ["a", "b", "c"])!.Top[0].Probability!.Value, 1e-9);

    [TestMethod]
    public void Of_NoNamesOfThatNumber_GivesTheLargestOutputs()
    {
        foreach (string[]? labels in new[] { null, new[] { "a", "b" } })
        {
            ClassScores scores = Scores("Identity", [1, 3, 2, -4, 0, 2.5f], labels)!;
            Assert.IsNull(scores.Names);
            Assert.AreEqual("largest outputs: 1: 3, 5: 2.5, 2: 2, 0: 1, 4: 0 (from 'y')", scores.ToString());
            Assert.IsTrue(scores.Top.All(score => score is { Label: null, Probability: null }));
        }

        // What adds up to 1 is told as a share, names or not.
        Assert.AreEqual("largest outputs: 1: 66.5 %, 2: 24.5 %, 0: 9.0 % (from 'y')", Scores("Softmax", [1, 3, 2], null)!.ToString());
    }

    [TestMethod]
    public void Of_NamesThatWereGiven_CountForTheCards()
    {
        Assert.AreEqual("q 66.5 %, r 24.5 %, p 9.0 % (from 'y', softmax applied)",
            Scores("Identity", [1, 3, 2], ["a", "b", "c"], ["p", "q", "r"])!.ToString());
        // The background is put in front, or left out.
        Assert.AreEqual("q 66.5 %, r 24.5 %, background 9.0 % (from 'y', softmax applied)",
            Scores("Identity", [1, 3, 2], null, ["q", "r"])!.ToString());
        Assert.AreEqual("q 66.5 %, r 24.5 %, p 9.0 % (from 'y', softmax applied)",
            Scores("Identity", [1, 3, 2], null, ["background", "p", "q", "r"])!.ToString());
    }

    [TestMethod]
    public void Open_GivenNamesOfAnotherNumber_IsRefused() =>
        Assert.AreEqual("m: 5 class names were given, its outputs have 3 scores; expected as many names as scores",
            Assert.ThrowsExactly<BadInputException>(() => Scores("Identity", [1, 3, 2], null, ["a", "b", "c", "d", "e"])).Message);

    [TestMethod]
    public void Of_OutputThatIsNoRow_IsNothing()
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 1, 2, 3);
        graph.Output(graph.Node("Identity", "y", [x]), ElementType.Float, 1, 2, 3);
        using var session = ActivationSession.Open(graph.Build());
        using Activations seen = session.Run(TensorData.FromArray(new float[6], new TensorShape(1, 2, 3)));
        Assert.IsNull(seen.Scores);
    }

    [TestMethod]
    public void ToString_SaysWhatWasDone() =>
        Assert.AreEqual("b 66.5 %, c 24.5 %, a 9.0 % (from 'y', softmax applied)",
            Scores("Identity", [1, 3, 2], ["a", "b", "c"])!.ToString());

    [TestMethod]
    public void Of_OutputOfNoSamples_IsNothing()
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 1, 3);
        string none = graph.Initializer("none", TensorData.FromArray([0L], new TensorShape(1)));
        graph.Output(graph.Node("Slice", "y", [x, none, none]), ElementType.Float, 0, 3);
        using var session = ActivationSession.Open(graph.Build());
        using Activations seen = session.Run(TensorData.FromArray([1f, 2, 3], new TensorShape(1, 3)));
        Assert.AreEqual("[0, 3]", seen["y"].Shape.ToString());
        Assert.IsNull(seen.Scores);
    }

    private static ClassScores? Scores(string op, float[] values, string[]? labels, string[]? given = null)
    {
        var graph = new GraphBuilder("m");
        string x = graph.Input("x", ElementType.Float, 1, values.Length);
        // Axis -1 is the default of opset 13 and later.
        graph.Output(graph.Node(op, "y", [x]), ElementType.Float, 1, values.Length);
        OnnxModel model = graph.Build(new ModelCard { Labels = labels });
        using var session = ActivationSession.Open(model, new ActivationOptions { Labels = given });
        using Activations seen = session.Run(TensorData.FromArray(values, new TensorShape(1, values.Length)));
        return seen.Scores;
    }
}
