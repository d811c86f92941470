using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Tests.Attribution;

[TestClass]
public sealed class AttributionLayersTests
{
    [TestMethod]
    public void Last_IsTheFeatureMapInFrontOfTheAnswer()
    {
        Assert.AreEqual("relu_last", Resolve(AttributionGraphs.Pooled(), "last"));
        Assert.AreEqual("pool2", Resolve(SmallNetworks.LeNet(), "last"));
        Assert.AreEqual("decoder", Resolve(AttributionGraphs.UNet(), "last"));
        Assert.AreEqual("features8 features4", Resolve(AttributionGraphs.TwoHeads(), "last"));
    }

    [TestMethod]
    public void Last_BehindATarget_IsTheOneOfItsHead()
    {
        OnnxModel model = AttributionGraphs.TwoHeads();
        Assert.AreEqual("features8", string.Join(' ', AttributionLayers.Resolve(model, Shapes(model), ["last"], ["head8"])));
        Assert.AreEqual("features4", string.Join(' ', AttributionLayers.Resolve(model, Shapes(model), ["last"], ["head4"])));
    }

    [TestMethod]
    public void Resolve_NamesStagesAndPatterns()
    {
        OnnxModel model = SmallNetworks.LeNet();
        Assert.AreEqual("relu_conv1", Resolve(model, "first"));
        Assert.AreEqual("relu_conv1 relu_conv2", Resolve(model, "relu_*"));
        Assert.AreEqual("pool1 relu_conv2", Resolve(model, "pool1", "second", "pool1"));
        Assert.AreEqual("conv1 relu_conv1 pool1 conv2 relu_conv2 pool2", Resolve(model, "all"));
    }

    [TestMethod]
    public void Resolve_WhatIsNoLayer_IsRefusedWithTheWayOut()
    {
        OnnxModel model = SmallNetworks.LeNet();
        string Refused(string selector) => Assert.Throws<BadInputException>(() => Resolve(model, selector)).Message;
        Assert.AreEqual("lenet: has no tensor 'relu_conv3'; the nearest names are 'relu_conv1', 'relu_conv2', 'conv1'",
            Refused("relu_conv3"));
        Assert.AreEqual("lenet: has no places in 'fc1' ([1, 120]), expected a layer with rows and columns; the nearest in front of it is "
            + "'pool2'", Refused("fc1"));
        Assert.AreEqual("lenet: has no layer with places that is named 'fc*'", Refused("fc*"));
    }

    [TestMethod]
    public void Rank_StartsWithTheLastAndNamesStages()
    {
        OnnxModel model = SmallNetworks.LeNet();
        string[] found = [.. AttributionLayers.Rank(model, Shapes(model))
            .Select(c => $"{c.Name} {c.Operator} {c.Channels}×{c.Height}×{c.Width}")];
        string[] expected =
            ["pool2 AveragePool 16×5×5", "relu_conv1 Relu 6×28×28", "relu_conv2 Relu 16×10×10", "pool1 AveragePool 6×14×14"];
        CollectionAssert.AreEqual(expected, found);
    }

    [TestMethod]
    public void Explain_WithoutLayers_TakesTheLastOfEachTarget()
    {
        using var run = new ExplainedRun(AttributionGraphs.TwoHeads());
        var target = new AttributionTarget("box", "score", [new TargetTerm("head4", [0, 1, 2, 2], 1)]);
        Assert.AreEqual("features4", run.Explainer.Explain(run.Inputs, [target], ["grad-cam"], []).Single().Layer);
        AttributionMap blank = run.Explainer.Explain(run.Inputs,
            [target, target with { Name = "large", Terms = [new TargetTerm("head8", [0, 1, 2, 2], 1)] }], ["grad-cam"], ["features4"])[1];
        Assert.AreEqual("blank: 'large' does not depend on 'features4' in a way that has a gradient", blank.Notes[0]);
        Assert.IsTrue(blank.Values.All(value => value == 0));
    }

    [TestMethod]
    public void Available_WithoutAFeatureMap_LeavesOutWhatIsOfLayersAlone()
    {
        var graph = new GraphBuilder("single");
        string x = graph.Input("image", ElementType.Float, 1, 2, 6, 6);
        graph.Output(AttributionGraphs.Convolution(graph, "conv", x, 2, 3, 3), ElementType.Float, 1, 3, 6, 6);
        using var run = new ExplainedRun(graph.Build());
        var target = new AttributionTarget("place", "a number", [new TargetTerm("conv", [0, 1, 2, 2], 1)]);
        foreach ((AttributionMethod method, string? leftOut) in run.Explainer.Available(run.Inputs, [target], []))
            if (method.Kind == AttributionKind.Input)
                Assert.AreNotEqual("single: has no feature map in front of its answer", leftOut, method.Name);
            else
                Assert.AreEqual("single: has no feature map in front of its answer", leftOut, method.Name);
        Assert.HasCount(1, run.Explainer.Explain(run.Inputs, [target], ["gradient"], []));
    }

    private static string Resolve(OnnxModel model, params string[] selectors) =>
        string.Join(' ', AttributionLayers.Resolve(model, Shapes(model), selectors));

    private static IReadOnlyDictionary<string, TensorShape> Shapes(OnnxModel model)
    {
        using var run = new ExplainedRun(model);
        return run.Explainer.Shapes(run.Inputs);
    }
}
