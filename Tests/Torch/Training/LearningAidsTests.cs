using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>Smoothed and weighted losses, shortened gradients, averages of weights, orders and ends of a training.</summary>
[TestClass]
public sealed class LearningAidsTests
{
    // PyTorch 1.13.1 gives these for the same scores in float64.
    [TestMethod]
    [DataRow(0.0, false, 1.2190913871791558)]
    [DataRow(0.1, false, 1.264924720512489)]
    [DataRow(0.0, true, 1.0010159154123703)]
    [DataRow(0.3, true, 1.3854974268745002)]
    public void CrossEntropy_SmoothedAndWeighted_IsPyTorchs(double smoothing, bool isWeighted, double expected)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] numbers = [.. Enumerable.Range(0, 24).Select(k => (((k / 4 * 7) + (k % 4 * 3)) % 5 / 2f) + (k % 4 * 0.25f))];
        Tensor scores = tensor(numbers).view(6, 4);
        Tensor targets = tensor(new long[] { 0, 3, 3, 1, 2, 3 });
        Tensor? weights = isWeighted ? tensor(new[] { 0.5f, 2, 1, 0.25f }) : null;
        Assert.AreEqual(expected, Losses.CrossEntropy(scores, targets, weights, smoothing).ToDouble(), 1e-6);
    }

    // −(0.9 · log p0 + 0.05 · log p0 + 0.05 · log p1) with p = (0.8, 0.2).
    [TestMethod]
    public void CrossEntropy_SmoothedByATenth_IsTheNumberWorkedOutByHand()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor scores = tensor(new[] { (float)Math.Log(0.8), (float)Math.Log(0.2) }).view(1, 2);
        double expected = -((0.95 * Math.Log(0.8)) + (0.05 * Math.Log(0.2)));
        Assert.AreEqual(expected, Losses.CrossEntropy(scores, tensor(new long[] { 0 }), null, 0.1).ToDouble(), 1e-6);
    }

    // Scores 2, −1 and 0.5, of which the first is right: −log of its softmax, and of its sigmoid among the sigmoids.
    [TestMethod]
    [DataRow("softmax", 0.241311)]
    [DataRow("sigmoid", 0.699149)]
    public void ScoresFor_Loss_GivesKerasNumber(string loss, double expected)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor scores = Losses.ScoresFor(loss, tensor(new[] { 2f, -1, 0.5f }).view(1, 3));
        Assert.AreEqual(expected, Losses.CrossEntropy(scores, tensor(new long[] { 0 }), null, 0).ToDouble(), 1e-6);
    }

    // Without a gradient of its own, a weight of 3 shrinks by rate · penalty · 3, and one without a penalty stays.
    [TestMethod]
    public void Step_Penalized_ShrinksWhatIsNamed()
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter[] weights = [new(full(2, 3f)), new(full(2, 3f))];
        foreach (Parameter weight in weights)
            weight.grad = zeros(2);
        using var optimizer = new CnnOnnx.Torch.Training.Optimizer([("head", weights[0]), ("rest", weights[1])], "sgd")
        { Penalized = new HashSet<string> { "head" }, Penalty = 0.2 };

        optimizer.Step(0.1);

        Assert.AreEqual(3 - (0.1 * 0.2 * 3), weights[0].max().ToDouble(), 1e-6);
        Assert.AreEqual(3, weights[1].max().ToDouble());
    }

    [TestMethod]
    public void Step_Slowed_TakesShorterSteps()
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter[] weights = [new(zeros(2)), new(zeros(2))];
        foreach (Parameter weight in weights)
            weight.grad = ones(2);
        using var optimizer = new CnnOnnx.Torch.Training.Optimizer([("backbone", weights[0]), ("head", weights[1])], "sgd")
        { Factors = new Dictionary<string, double> { ["backbone"] = 0.1 } };

        optimizer.Step(0.5);

        Assert.AreEqual(-0.05, weights[0].max().ToDouble(), 1e-7);
        Assert.AreEqual(-0.5, weights[1].max().ToDouble(), 1e-7);
    }

    [TestMethod]
    public void WeightsOf_ThreeToOne_AreTwoThirdsAndTwo()
    {
        double[] weights = ClassificationTask.WeightsOf([0, 0, 1, 0], 2);
        Assert.AreEqual(2.0 / 3, weights[0], 1e-15);
        Assert.AreEqual(2.0, weights[1]);
    }

    // The referee is libtorch's clip_grad_norm_ before the same step.
    [TestMethod]
    [DataRow(0.5)]
    [DataRow(1000.0)]
    public void Step_Clipped_IsThatOfLibtorchsShortenedGradients(double most)
    {
        using DisposeScope scope = NewDisposeScope();
        _ = manual_seed(2);
        Parameter[] ours = [new(randn(3, 4)), new(randn(5))], theirs = [.. ours.Select(p => new Parameter(p.detach().clone()))];
        Tensor[] gradients = [randn(3, 4), randn(5)];
        for (int i = 0; i < 2; i++)
            (ours[i].grad, theirs[i].grad) = (gradients[i].clone(), gradients[i].clone());
        using var optimizer = new CnnOnnx.Torch.Training.Optimizer([("a", ours[0]), ("b", ours[1])], "sgd") { Clip = most };

        optimizer.Step(0.1);

        _ = nn.utils.clip_grad_norm_(theirs, most);
        using (no_grad())
            foreach (Parameter parameter in theirs)
                _ = parameter.add_(parameter.grad!, alpha: -0.1);
        for (int i = 0; i < 2; i++)
            Assert.IsLessThan(1e-6, (ours[i] - theirs[i]).abs().max().ToDouble());
    }

    // 1, then 2 and 4: kept are min(0.9, 2/11) and min(0.9, 3/12), so the average is 1.818… and then 0.25 · 1.818… + 0.75 · 4.
    [TestMethod]
    public void Add_TwoSteps_IsTheAverageWorkedOutByHand()
    {
        using DisposeScope scope = NewDisposeScope();
        var graph = new GraphBuilder("one");
        _ = graph.Input("x", ElementType.Float, "N", 1);
        _ = graph.Initializer("w", TensorData.FromArray([1f, 1], new TensorShape(1, 2)));
        graph.Output(graph.Node("MatMul", "y", ["x", "w"]), ElementType.Float, "N", 2);
        using var module = new OnnxModule(graph.Build());
        using var average = new WeightAverage(module, 0.9);

        foreach ((int step, double weight) in new[] { (1, 2.0), (2, 4.0) })
        {
            using (no_grad())
                _ = module.get_parameter("w")!.fill_(weight);
            average.Add(step);
        }

        Assert.AreEqual(4, module.get_parameter("w")!.max().ToDouble());
        average.Swap();
        Assert.AreEqual((0.25 * 20 / 11) + (0.75 * 4), module.get_parameter("w")!.max().ToDouble(), 1e-6);
        average.Swap();
        Assert.AreEqual(4, module.get_parameter("w")!.min().ToDouble());
    }

    [TestMethod]
    public void Balanced_UnevenClasses_GivesEachEquallyManyPlaces()
    {
        int[] labels = [0, 0, 0, 0, 0, 0, 1, 1, 2];
        int[] Drawn(int epoch)
        {
            var order = BatchOrder.Balanced(labels, 4, seed: 1, epoch);
            return [.. Enumerable.Range(0, order.Count).SelectMany(batch => order[batch].ToArray())];
        }

        int[] first = Drawn(0);
        Assert.AreEqual("3 3 3", string.Join(' ', Enumerable.Range(0, 3).Select(c => first.Count(i => labels[i] == c))));
        Assert.HasCount(3, first.Where(i => labels[i] == 0).Distinct().ToArray());
        Assert.HasCount(2, first.Where(i => labels[i] == 1).Distinct().ToArray());
        CollectionAssert.AreEqual(first, Drawn(0));
        CollectionAssert.AreNotEqual(first, Drawn(1));
    }

    [TestMethod]
    [DataRow("validation", 2, false, 0.5, 0.6, 0.55)]
    [DataRow("validation", 2, true, 0.5, 0.6, 0.55, 0.5)]
    [DataRow("validation", 2, false, 0.5, 0.6, 0.55, 0.7)]
    [DataRow("training", 1, false, 0.5, 0.6)]
    [DataRow("training", 1, true, 0.5, 0.6, 0.6)]
    public void IsDue_Accuracies_WaitsAsLongAsIsAskedFor(string on, int patience, bool expected, params double[] accuracies)
    {
        EpochResult[] history = [.. accuracies.Select((accuracy, i) => new EpochResult(
            i + 1, 0.1, new(("loss", 1 - accuracy), ("accuracy", 0)), new(("loss", 1), ("accuracy", accuracy))))];
        var options = new TrainingOptions { Patience = patience, PatienceOn = on };
        Assert.AreEqual(expected, EarlyStopping.IsDue(history, options, new Criterion("accuracy", true)));
        Assert.IsFalse(EarlyStopping.IsDue(history, options with { Patience = null }, new Criterion("accuracy", true)));
    }
}
