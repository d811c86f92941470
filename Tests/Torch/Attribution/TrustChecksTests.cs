using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Attribution;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Attribution;

[TestClass]
public sealed class TrustChecksTests
{
    private static readonly AttributionTarget Third = new("three", "score of three", [new TargetTerm("logits", [0, 3], 1)]);

    [TestMethod]
    public void AllNumbersOfASmallNetworkHold()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        OnnxModel model = OnnxModel.Read(SmallNetworks.LeNet().SaveTo(folder));
        (string, Tensor)[] inputs = [("image", tensor(Scenes.Noise(28 * 28), 1, 1, 28, 28))];
        using var explainer = new Explainer(model);
        IReadOnlyList<AttributionMap> maps = explainer.Explain(inputs, [Third], ["grad-cam", "gradient"], ["relu_conv2"]);
        AttributionTarget other = Third with { Name = "five", Terms = [new TargetTerm("logits", [0, 5], 1)] };

        TrustReport report = new TrustChecks(explainer, inputs) { InputSide = 28 }.Run(Third, maps, other);

        Assert.HasCount(3, report.Model);
        Assert.IsTrue(report.Model.All(check => check.Outcome == TrustOutcome.Holds), string.Join("; ", report.Model.Select(c => c.Words)));
        // In float64 a difference over a millionth of the input's spread has half of its 16 digits; a switched unit costs more.
        Assert.IsLessThan(1e-5, report.Model[1].Figure!.Value);
        Assert.IsTrue(report.Maps.All(map => map.Checks.Count == 3), "another class, a random classifier, random weights");
        StringAssert.StartsWith(report.Verdict, "The numbers are right");
    }

    [TestMethod]
    public void AWrongGradientIsSeen()
    {
        using DisposeScope scope = NewDisposeScope();
        // Round has a gradient of 0 and moves: what the model is and what its gradient says differ.
        var graph = new GraphBuilder("steps");
        string x = graph.Input("x", ElementType.Float, 1, 4);
        string fine = graph.Initializer("fine", TensorData.FromArray([1e9f], TensorShape.Scalar));
        string rounded = graph.Node("Round", "round", [graph.Node("Mul", "fine_x", [x, fine])]);
        graph.Output(graph.Node("ReduceSum", "y", [graph.Node("Add", "sum", [rounded, x])], ("keepdims", 0)), ElementType.Float);
        OnnxModel model = graph.Build();
        TrustCheck check = GradientCheck.Run(model, [("x", tensor(Scenes.Noise(4), 1, 4))],
            new AttributionTarget("y", "y", [new TargetTerm("y", [], 1)]), seed: 1);
        Assert.AreEqual(TrustOutcome.Fails, check.Outcome, check.Words);
    }

    [TestMethod]
    public void RandomWeightsAreTheSameNumbersInAnotherOrder()
    {
        OnnxModel model = SmallNetworks.LeNet();
        (OnnxModel all, int count) = RandomizedModel.Of(model, seed: 1, last: false);
        (OnnxModel last, int one) = RandomizedModel.Of(model, seed: 1, last: true);
        Assert.AreEqual((5, 1), (count, one));
        foreach (OnnxTensor weight in model.Graph.Initializers.Where(tensor => tensor.Shape.Rank > 1))
        {
            float[] before = weight.Load().ToFloats(), after = all.Graph.Initializer[weight.Name].Load().ToFloats();
            CollectionAssert.AreNotEqual(before, after, weight.Name);
            CollectionAssert.AreEqual(before.Order().ToArray(), after.Order().ToArray(), weight.Name);
            bool isLast = weight.Shape[0] == 10 || weight.Shape[1] == 10;
            Assert.AreEqual(!isLast, before.SequenceEqual(last.Graph.Initializer[weight.Name].Load().ToFloats()), weight.Name);
        }
    }

    [TestMethod]
    [DataRow(new[] { 1f, 0, 0, 0 }, TrustOutcome.Fails)]
    [DataRow(new[] { 0f, 0, 0, 1 }, TrustOutcome.Holds)]
    [DataRow(new[] { 1f, 0, 0.9f, 0 }, TrustOutcome.Partly)]
    [DataRow(new[] { 0f, 0, 0, 0 }, TrustOutcome.Holds)]
    public void AMapDependsOnTheClassWhenThatOfAnotherClassIsAnother(float[] other, TrustOutcome expected)
    {
        AttributionMap map = Map([1, 0, 0, 0]);
        Assert.AreEqual(expected, MapLikeness.Of(map, Map(other), 28).AsClassCheck(28, "dog").Outcome);
    }

    private static AttributionMap Map(float[] values) => new("grad-cam", "conv", Third, 2, 2, 1, values) { ShownPositive = true };
}
