using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>Learning rates of a network's parts.</summary>
[TestClass]
public sealed class LearningRatesTests
{
    private static readonly (string, long)[] Parameters =
        [("stem.weight", 10), ("one.weight", 20), ("one.bias", 2), ("two.weight", 30), ("fc.weight", 40), ("fc.bias", 4)];

    private static readonly string[][] Blocks = [["stem.weight"], ["one.weight", "one.bias"], ["two.weight"]];

    private static readonly HashSet<string> Backbone = [.. Blocks.SelectMany(block => block)];

    // The referee is torch.optim with a learning rate of its own for each group of parameters.
    [TestMethod]
    [DataRow("sgd")]
    [DataRow("momentum")]
    [DataRow("adam")]
    [DataRow("adamw")]
    public void Step_FactorsOfParts_GoesWhereTorchsGroupsGo(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        const double Rate = 0.05, Decay = 0.1;
        double[] factors = [0.09, 0.3, 1];
        Tensor[] starts = [.. factors.Select((_, i) => randn(6, 5, generator: new Generator((ulong)i + 1)))];
        Parameter[] own = [.. starts.Select(s => new Parameter(s.clone()))], theirs = [.. starts.Select(s => new Parameter(s.clone()))];
        using var optimizer = new CnnOnnx.Torch.Training.Optimizer([("a", own[0]), ("b", own[1]), ("c", own[2])], name)
        {
            Momentum = 0.8,
            WeightDecay = Decay,
            Factors = new Dictionary<string, double> { ["a"] = factors[0], ["b"] = factors[1] },
        };
        optim.Optimizer[] referees = [.. theirs.Select((p, i) => (optim.Optimizer)(name switch
        {
            "sgd" => optim.SGD([p], Rate * factors[i], weight_decay: Decay),
            "momentum" => optim.SGD([p], Rate * factors[i], momentum: 0.8, weight_decay: Decay),
            "adam" => optim.Adam([p], Rate * factors[i], weight_decay: Decay),
            _ => optim.AdamW([p], Rate * factors[i], weight_decay: Decay),
        }))];
        for (int i = 0; i < 20; i++)
        {
            Loss(own).backward();
            optimizer.Step(Rate);
            foreach (optim.Optimizer referee in referees)
                referee.zero_grad();
            Loss(theirs).backward();
            foreach (optim.Optimizer referee in referees)
                _ = referee.step();
        }

        for (int i = 0; i < own.Length; i++)
        {
            Assert.IsGreaterThan(0.02, (own[i] - starts[i]).abs().max().ToDouble(), "It has moved.");
            // float32, with sums in another order
            Assert.IsLessThan(2e-6, (own[i] - theirs[i]).abs().max().ToDouble());
        }

        foreach (optim.Optimizer referee in referees)
            referee.Dispose();
    }

    [TestMethod]
    public void Of_Decay_FallsFromBlockToBlockTowardsTheInput() => Assert.AreEqual(
        "block 1: stem.weight 10 x 0.0625; block 2: one.* (2) 22 x 0.125; block 3: two.weight 30 x 0.25; classifier: fc.* (2) 44 x 1",
        Told(new RateRules(0.5, 0.5, [])));

    // A row stands in place of the rest, and of two rows for one parameter the last one counts.
    [TestMethod]
    public void Of_NamedRates_StandInPlaceOfTheOthers() => Assert.AreEqual(
        "backbone: stem.weight … two.weight (2) 40 x 0.1; one.*=0.5: one.weight 20 x 0.5; *.bias=2: one.bias … fc.bias (2) 6 x 2; "
        + "classifier: fc.weight 40 x 1", Told(new RateRules(0.1, 1, ["one.*=0.5", "*.bias=2"])));

    [TestMethod]
    [DataRow("fc=0")]
    [DataRow("fc")]
    [DataRow("=1")]
    [DataRow("fc=fast")]
    public void Checked_RowThatIsNone_IsRefused(string row) => Assert.AreEqual($"the learning rate of a part is '{row}', expected "
        + "NAME=FACTOR, with * and ? for any characters of the name and a factor above 0 and at most 1000",
        Assert.ThrowsExactly<BadInputException>(() => (new TrainingOptions() with { NamedRates = [row] }).Checked()).Message);

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(1.1)]
    [DataRow(double.NaN)]
    public void Checked_DecayOutOfRange_IsRefused(double decay) => StringAssert.StartsWith(
        Assert.ThrowsExactly<BadInputException>(() => (new TrainingOptions() with { LayerDecay = decay }).Checked()).Message,
        "the decay of the learning rate from block to block is ");

    [TestMethod]
    public void Of_NameOfNoParameter_IsRefused()
    {
        var fault = Assert.ThrowsExactly<BadInputException>(() => Told(new RateRules(1, 1, ["head.*=2"])));
        Assert.AreEqual("'head.*' is the name of no parameter that is trained, so nothing gets its learning rate; this network has "
            + "stem.weight, one.weight, one.bias, two.weight, fc.weight, fc.bias", fault.Message);
        Assert.AreEqual(Remedy.RateOthers, fault.Remedy);
    }

    [TestMethod]
    public void Of_DecayWithoutAClassifier_IsRefused() => StringAssert.StartsWith(Assert.ThrowsExactly<BadInputException>(() =>
        LearningRates.Of(Parameters, Backbone, null, new RateRules(1, 0.9, []), "net")).Message, "net: its classifier is not known, so ");

    // A stem with a normalisation, a residual block, one with a layer on the way around, and two plain layers.
    [TestMethod]
    public void NetworkBlocks_ResidualNetwork_AreLayersAndResidualBlocks()
    {
        var graph = new GraphBuilder("residual");
        string x = graph.Input("x", ElementType.Float, "N", 4, 8, 8);
        string Conv(string from, string name) =>
            graph.Node("Conv", name, [from, HeadGraphs.Random(graph, name + ".weight", 4, 4, 1, 1)]);
        string stem = graph.Node("BatchNormalization", "norm", [Conv(x, "stem"), .. new[] { "scale", "shift", "mean", "variance" }
            .Select(name => HeadGraphs.Random(graph, $"norm.{name}", 4))]);
        string relu = graph.Node("Relu", "relu", [stem]);
        string first = graph.Node("Add", "first", [Conv(graph.Node("Relu", "a.relu", [Conv(relu, "a1")]), "a2"), relu]);
        string second = graph.Node("Add", "second", [Conv(first, "b1"), Conv(first, "around")]);
        string last = graph.Node("Relu", "last", [Conv(Conv(second, "c"), "d")]);
        string features = graph.Node("Flatten", "flat", [graph.Node("GlobalAveragePool", "pool", [last])]);
        _ = graph.Node("Gemm", "scores", [features, HeadGraphs.Random(graph, "fc.weight", 4, 3)]);
        graph.Output("scores", ElementType.Float, "N", 3);

        IReadOnlyList<IReadOnlyList<string>> blocks = NetworkBlocks.Of(graph.Build().Graph, features);

        Assert.AreEqual("stem.weight norm.scale norm.shift norm.mean norm.variance | a1.weight a2.weight | b1.weight around.weight | "
            + "c.weight | d.weight", string.Join(" | ", blocks.Select(block => string.Join(' ', block))));
    }

    private static string Told(RateRules rules) => string.Join("; ", LearningRates.Of(Parameters, Backbone, Blocks, rules.Checked(), "net")
        .Groups.Select(g => $"{g.Name}: {g.Title} {g.Numbers} x {g.Factor}"));

    private static Tensor Loss(Parameter[] weights) =>
        weights.Select((w, i) => ((w - (i + 1)).square() * arange(1, 6)).sum()).Aggregate((a, b) => a + b);
}
