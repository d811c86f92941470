using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Tests.Attribution;

/// <summary>Last layers of which only the explained channels are computed, as files spell them.</summary>
[TestClass]
public sealed class NeededChannelsTests
{
    private const int Classes = 12;

    private static readonly Dictionary<string, Func<GraphBuilder, string, string>> Heads = new()
    {
        ["Gemm"] = (graph, x) => graph.Node("Gemm", "logits", [Pooled(graph, x), Weight(graph, 6, Classes), Bias(graph)]),
        ["Gemm transB"] = (graph, x) => graph.Node("Gemm", "logits", [Pooled(graph, x), Weight(graph, Classes, 6), Bias(graph)],
            ("transB", 1), ("alpha", 0.5f)),
        ["MatMul Add"] = (graph, x) =>
            graph.Node("Add", "logits", [graph.Node("MatMul", "product", [Pooled(graph, x), Weight(graph, 6, Classes)]), Bias(graph)]),
        ["Conv pool"] = (graph, x) => graph.Node("Flatten", "logits", [graph.Node("GlobalAveragePool", "gap", [graph.Node("Relu", "scores",
            [graph.Node("Conv", "head", [x, Weight(graph, Classes, 6, 1, 1), Bias(graph)])])])]),
    };

    public static IEnumerable<object[]> Names => Heads.Keys.Select(name => new object[] { name });

    /// <summary>
    /// Terms of two classes of 12 are few enough, of five too many: the map of their sum, of whole layers, is the sum of the maps of each.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Gradient_OfFewChannels_IsThatOfTheWholeLayer(string head)
    {
        OnnxModel model = Network(head);
        using var run = new ExplainedRun(model);
        AttributionTarget[] targets = [Sum(11, 3), Sum(0), Sum(7, 5)];
        float[] all = run.Explainer.Explain(run.Inputs, [Sum(11, 3, 0, 7, 5)], ["gradient"], []).Single().Values;
        float[] sum = new float[all.Length];
        foreach (AttributionTarget target in targets)
        {
            SuffixPlan plan = SuffixPlan.Behind(model.Graph, ["image"], ["logits"]);
            var needed = new NeededChannels(model.Graph, plan, run.Explainer.Shapes(run.Inputs), ["image"], [target]);
            Assert.IsNotEmpty(needed.Overrides.NodesIn(model.Graph).ToArray());
            CollectionAssert.AreEqual(target.Terms.Count == 1 ? [0L] : new long[] { 1, 0 }, needed.In(target).Terms
                .Select(term => term.Index[1]).ToArray());
            float[] own = run.Explainer.Explain(run.Inputs, [target], ["gradient"], []).Single().Values;
            sum = [.. sum.Zip(own, (a, b) => a + b)];
        }

        // Sums of 5 in another order: a few units of the last of 24 bits of the largest.
        float size = all.Max(Math.Abs);
        Assert.IsGreaterThan(0, size);
        for (int i = 0; i < all.Length; i++)
            Assert.AreEqual(all[i], sum[i], 1e-6f * size);
    }

    [TestMethod]
    public void Channels_OfALayerThatIsKeptOrReadAgain_AreAllComputed()
    {
        OnnxModel model = Network("Conv pool");
        using var run = new ExplainedRun(model);
        SuffixPlan plan = SuffixPlan.Behind(model.Graph, ["image"], ["logits", "scores"]);
        IReadOnlyDictionary<string, TensorShape> shapes = run.Explainer.Shapes(run.Inputs);
        Assert.IsEmpty(new NeededChannels(model.Graph, plan, shapes, ["scores"], [Sum(1)]).Overrides.NodesIn(model.Graph).ToArray());
        AttributionTarget both = Sum(1) with { Terms = [.. Sum(1).Terms, new TargetTerm("scores", [0, 2, 0, 0], 1)] };
        Assert.IsEmpty(new NeededChannels(model.Graph, plan, shapes, [], [both]).Overrides.NodesIn(model.Graph).ToArray());
    }

    private static AttributionTarget Sum(params int[] classes) => new(string.Join('+', classes), "sum of logits",
        [.. classes.Select(index => new TargetTerm("logits", [0, index], 1))]);

    private static OnnxModel Network(string head)
    {
        var graph = new GraphBuilder("head");
        string x = graph.Input("image", ElementType.Float, "N", 2, 8, 8);
        x = graph.Node("Relu", "act", [graph.Node("Conv", "conv", [x, graph.Initializer("w", AttributionGraphs.Random(1, 6, 2, 3, 3))])]);
        graph.Output(Heads[head](graph, x), ElementType.Float, "N", Classes);
        return graph.Build();
    }

    private static string Pooled(GraphBuilder graph, string x) =>
        graph.Node("Flatten", "flat", [graph.Node("GlobalAveragePool", "gap", [x])]);

    private static string Weight(GraphBuilder graph, params long[] shape) =>
        graph.Initializer("weight", AttributionGraphs.Random(2, shape));

    private static string Bias(GraphBuilder graph) => graph.Initializer("b", AttributionGraphs.Random(3, Classes));
}
