using CnnOnnx.Onnx;
using CnnOnnx.Torch.Attribution;
using TorchSharp;

namespace CnnOnnx.Tests.Attribution;

/// <summary>Rules of guided backpropagation for every activation that has one, in a network whose first activation it is.</summary>
[TestClass]
public sealed class ActivationRulesTests
{
    private static readonly Dictionary<string, Func<GraphBuilder, string, string, string>> Activations = new()
    {
        ["Relu"] = AttributionGraphs.Relu,
        ["Clip"] = (graph, x, name) => graph.Node("Clip", name,
            [x, AttributionGraphs.Number(graph, "least", 0), AttributionGraphs.Number(graph, "most", 0.5f)]),
        ["LeakyRelu"] = (graph, x, name) => graph.Node("LeakyRelu", name, [x], ("alpha", 0.1f)),
        ["PRelu"] = (graph, x, name) =>
            graph.Node("PRelu", name, [x, graph.Initializer("slope", AttributionGraphs.Random(3, 6, 1, 1))]),
        ["HardSwish"] = (graph, x, name) => graph.Node("HardSwish", name, [x]),
        ["Sigmoid Mul"] = (graph, x, name) => graph.Node("Mul", name, [x, graph.Node("Sigmoid", "gate", [x])]),
        ["Mul Sigmoid"] = (graph, x, name) => graph.Node("Mul", name, [graph.Node("Sigmoid", "gate", [x]), x]),
        ["HardSigmoid Mul"] = (graph, x, name) => graph.Node("Mul", name, [x, graph.Node("HardSigmoid", "gate", [x], ("alpha", 0.3f))]),
        ["Clip Mul"] = (graph, x, name) => graph.Node("Mul", name, [x, graph.Node("Div", "sixth", [graph.Node("Clip", "gate",
            [graph.Node("Add", "shifted", [x, AttributionGraphs.Number(graph, "three", 3)]),
                AttributionGraphs.Number(graph, "zero", 0), AttributionGraphs.Number(graph, "six", 6)]),
            AttributionGraphs.Number(graph, "by", 6)])]),
    };

    public static IEnumerable<object[]> Names => Activations.Keys.Select(name => new object[] { name });

    /// <summary>The rules' own derivative, which the plain pass over the same run takes, is the operators'.</summary>
    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Plain_WithRules_IsTheGradientWithout(string activation)
    {
        using var run = new ExplainedRun(AttributionGraphs.Pooled(Activations[activation]));
        float[] alone = run.Explainer.Explain(run.Inputs, [ExplainedRun.Class(1)], ["gradient"], []).Single().Values;
        float[] beside = run.Explainer.Explain(run.Inputs, [ExplainedRun.Class(1)], ["guided-backprop", "gradient"], [])[1].Values;
        for (int i = 0; i < alone.Length; i++)
            Assert.AreEqual(alone[i], beside[i], 1e-5f);
    }

    /// <summary>By hand from the gradient at the activation's result: max(g, 0), the derivative, and where the unit is active.</summary>
    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Guided_PassesPositiveGradientsOfActiveUnits(string activation)
    {
        OnnxModel model = AttributionGraphs.Pooled(Activations[activation]);
        using var run = new ExplainedRun(model);
        using DisposeScope scope = TorchSharp.torch.NewDisposeScope();
        float[] guided = Rule(run, "guided-backprop"), deconvnet = Rule(run, "deconvnet"), plain = Rule(run, "gradient");
        CollectionAssert.AreNotEqual(plain, guided);
        CollectionAssert.AreNotEqual(deconvnet, guided);
        Assert.IsTrue(guided.Any(v => v != 0) && deconvnet.Any(v => v != 0));
    }

    [TestMethod]
    public void Guided_WhereAnActivationHasNoRule_SaysSo()
    {
        using var run = new ExplainedRun(AttributionGraphs.Pooled((graph, x, name) => graph.Node("Elu", name, [x])));
        AttributionMap map = run.Explainer.Explain(run.Inputs, [ExplainedRun.Class(1)], ["guided-backprop"], []).Single();
        Assert.AreEqual("1 activations have no such rule and were differentiated as they are: Elu", map.Notes.Single());
    }

    private static float[] Rule(ExplainedRun run, string method) =>
        run.Explainer.Explain(run.Inputs, [ExplainedRun.Class(1)], [method], []).Single().Values;
}
