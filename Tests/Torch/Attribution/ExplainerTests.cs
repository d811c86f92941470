using CnnOnnx.Tensors;
using CnnOnnx.Torch.Attribution;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Attribution;

[TestClass]
public sealed class ExplainerTests
{
    private static readonly string[] Layers = ["act", "pool", "relu_last"];

    private static readonly string[] OfLayers = [.. AttributionMethods.All.Where(m => m.Kind == AttributionKind.Layer && m.Name != "cam")
        .Select(m => m.Name)];

    [TestMethod]
    public void Explain_AllMethodsAndLayers_ComeInOrderAndInTheSizeOfTheirLayer()
    {
        using var run = new ExplainedRun(AttributionGraphs.Pooled(), new() { Samples = 3, Baselines = [] });
        string[] methods = [.. AttributionMethods.All.Select(m => m.Name).Where(name => name != "expected-gradients")];
        AttributionTarget[] targets = [ExplainedRun.Class(1), ExplainedRun.Difference(3, 0)];
        IReadOnlyList<AttributionMap> maps = run.Explainer.Explain(run.Inputs, targets, methods, Layers);
        int place = 0;
        foreach (AttributionMethod method in methods.Select(AttributionMethods.Find))
            foreach (AttributionTarget target in targets)
                foreach (string layer in method.Name == "cam" ? ["relu_last"] : method.Kind == AttributionKind.Input ? ["image"] : Layers)
                {
                    AttributionMap map = maps[place++];
                    Assert.AreEqual((method.Name, layer, target), (map.Method, map.Layer, map.Target));
                    int side = method.Kind == AttributionKind.Layer && layer != "act" ? 6 : 12;
                    Assert.AreEqual((side, side), (map.Height, map.Width), method.Name);
                    Assert.HasCount(map.Channels * side * side, map.Values);
                    Assert.IsTrue(map.Values.All(float.IsFinite), $"{method.Name} at {layer}");
                    bool isExplained = map.Notes.Any(note => note.StartsWith("blank: ", StringComparison.Ordinal));
                    Assert.IsTrue(isExplained || map.Values.Any(v => v != 0), method.Name);
                }

        Assert.HasCount(place, maps);
    }

    /// <summary>Alone, a layer is differentiated behind a prefix in ONNX Runtime; with inputs, in one pass of TorchSharp.</summary>
    [TestMethod]
    public void Explain_AloneOrTogether_GivesTheSameMaps()
    {
        using var run = new ExplainedRun(AttributionGraphs.Pooled());
        AttributionTarget[] targets = [ExplainedRun.Class(1), ExplainedRun.Class(4)];
        string[] methods = [.. OfLayers.Except(["smooth-grad-cam-plus-plus"])];
        IReadOnlyList<AttributionMap> together =
            run.Explainer.Explain(run.Inputs, targets, [.. methods, "gradient", "guided-backprop"], Layers);
        foreach (string method in methods)
            foreach (AttributionTarget target in targets)
                foreach (string layer in Layers)
                    AssertClose(run.Explainer.Explain(run.Inputs, [target], [method], [layer]).Single(),
                        together.Single(m => m.Method == method && m.Layer == layer && m.Target == target));
    }

    [TestMethod]
    public void Gradient_AgreesWithCentralDifferences()
    {
        using var run = new ExplainedRun(AttributionGraphs.Pooled());
        AttributionTarget target = ExplainedRun.Difference(2, 4);
        AttributionMap map = run.Explainer.Explain(run.Inputs, [target], ["gradient"], []).Single();
        // Piecewise linear: a step of 2⁻⁷ leaves rounding of 1e-6/2⁻⁶, unless a ReLU or a maximum turns within it.
        const float Step = 1 / 128f;
        int agreed = 0;
        for (int i = 0; i < map.Values.Length; i += 7)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor step = zeros_like(run.Image).flatten().index_fill(0, tensor((long)i), Step).reshape(run.Image.shape);
            double difference = run.Explainer.Value([("image", run.Image + step)], target)
                - run.Explainer.Value([("image", run.Image - step)], target);
            agreed += Math.Abs(difference / (2 * Step) - map.Values[i]) < 1e-3 ? 1 : 0;
        }

        Assert.IsGreaterThan(map.Values.Length / 7 * 0.8, agreed);
    }

    /// <summary>Behind a global average pool and one linear layer, all of these are CAM over the number of places.</summary>
    [TestMethod]
    [DataRow("grad-cam")]
    [DataRow("hires-cam")]
    [DataRow("xgrad-cam")]
    [DataRow("recipro-cam")]
    public void Cam_OfAPooledNetwork_IsGradCamTimesThePlaces(string method)
    {
        using var run = new ExplainedRun(AttributionGraphs.Pooled());
        IReadOnlyList<AttributionMap> maps = run.Explainer.Explain(
            run.Inputs, [ExplainedRun.Difference(3, 1)], ["cam", method], ["relu_last"]);
        AssertClose(maps[0] with { Method = method }, maps[1] with { Values = Array.ConvertAll(maps[1].Values, v => v * 36) });
    }

    [TestMethod]
    public void GuidedGradCam_AtEachLayer_IsGuidedBackpropTimesTheMask()
    {
        using var run = new ExplainedRun(AttributionGraphs.Pooled(), new() { Convention = Convention.Captum });
        IReadOnlyList<AttributionMap> maps = run.Explainer.Explain(
            run.Inputs, [ExplainedRun.Class(2)], ["guided-backprop", "grad-cam", "guided-grad-cam"], Layers);
        AttributionMap guided = maps[0];
        foreach (string layer in Layers)
        {
            AttributionMap cam = maps.Single(m => m.Method == "grad-cam" && m.Layer == layer);
            AttributionMap product = maps.Single(m => m.Method == "guided-grad-cam" && m.Layer == layer);
            for (int c = 0; c < 2; c++)
                for (int row = 0; row < 12; row++)
                    for (int column = 0; column < 12; column++)
                    {
                        int place = (c * 12 + row) * 12 + column, times = 12 / cam.Height;
                        float mask = Math.Max(0, cam.Values[row / times * cam.Width + column / times]);
                        Assert.AreEqual(guided.Values[place] * mask, product.Values[place], 1e-5f);
                    }
        }
    }

    [TestMethod]
    public void Explain_ChannelsLast_GivesTheMapsOfChannelsFirst()
    {
        using var first = new ExplainedRun(AttributionGraphs.Pooled());
        using var last = new ExplainedRun(AttributionGraphs.ChannelsLast());
        string[] inputs = ["gradient", "gradient-x-input", "guided-backprop", "occlusion", "full-grad", "smooth-grad"];
        (string, Tensor)[] turned = [("image", first.Image.permute(0, 2, 3, 1).contiguous())];
        string[] methods = [.. OfLayers.Except(["smooth-grad-cam-plus-plus"]), .. inputs.SkipLast(1)];
        IReadOnlyList<AttributionMap> expected = first.Explainer.Explain(first.Inputs, [ExplainedRun.Class(1)], methods, ["act"]);
        IReadOnlyList<AttributionMap> found = last.Explainer.Explain(turned, [ExplainedRun.Class(1)], methods, ["act.last"]);
        for (int i = 0; i < expected.Count; i++)
            AssertClose(expected[i], found[i]);
    }

    [TestMethod]
    public void Explain_ABatchOfOneFoldedIntoShapes_StillRunsInBatches()
    {
        string[] methods = ["score-cam", "ablation-cam", "recipro-cam", "occlusion"];
        using var any = new ExplainedRun(AttributionGraphs.Pooled());
        using var one = new ExplainedRun(AttributionGraphs.Pooled(batch: 1));
        IReadOnlyList<AttributionMap> expected = any.Explainer.Explain(any.Inputs, [ExplainedRun.Class(1)], methods, ["pool"]);
        IReadOnlyList<AttributionMap> found = one.Explainer.Explain(one.Inputs, [ExplainedRun.Class(1)], methods, ["pool"]);
        for (int i = 0; i < expected.Count; i++)
            AssertClose(expected[i], found[i]);
    }

    [TestMethod]
    public void Explain_SeedsAndThreads_DecideWhatTheySay()
    {
        static float[] Map(ExplainerOptions options)
        {
            using var run = new ExplainedRun(AttributionGraphs.Pooled(), options with { Samples = 4 });
            return run.Explainer.Explain(run.Inputs, [ExplainedRun.Class(0)], ["smooth-grad"], []).Single().Values;
        }

        int threads = get_num_threads();
        try
        {
            CollectionAssert.AreEqual(Map(new() { Threads = 1 }), Map(new() { Threads = 1 }));
            CollectionAssert.AreNotEqual(Map(new()), Map(new() { Seed = 2 }));
            // Sums in another order: a few units of the last of 24 bits.
            foreach ((float one, float two) in Map(new() { Threads = 1 }).Zip(Map(new() { Threads = 2 })))
                Assert.AreEqual(one, two, 1e-5f);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [TestMethod]
    public void Explain_LeavesNoTensorBehind()
    {
        using DisposeScope scope = NewDisposeScope();
        string[] methods = [.. AttributionMethods.All.Select(m => m.Name).Where(name => name != "expected-gradients")];
        long before = 0;
        using (var run = new ExplainedRun(AttributionGraphs.Pooled(), new() { Samples = 2, MostSteps = 16 }))
        {
            run.Explainer.Explain(run.Inputs, [ExplainedRun.Class(1)], methods, Layers);
            before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
            run.Explainer.Explain(run.Inputs, [ExplainedRun.Class(2)], methods, Layers);
            Assert.AreEqual(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        }
    }

    /// <summary>Pictures one after another, as of a video: neither libtorch's tensors nor .NET's objects pile up.</summary>
    [TestMethod]
    public void Explain_AThousandMaps_KeepsMemoryFlat()
    {
        using var run = new ExplainedRun(AttributionGraphs.Pooled());
        void Explain(int maps)
        {
            for (int i = 0; i < maps; i++)
                run.Explainer.Explain(run.Inputs, [ExplainedRun.Class(i % 5)], ["grad-cam"], []);
        }

        Explain(100);
        long tensors = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount, bytes = GC.GetTotalMemory(true);
        Explain(1000);
        Assert.AreEqual(tensors, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        // A map that stayed would be 36 values and its names, 500 bytes; half of that is left for what .NET compiles meanwhile.
        Assert.IsLessThan(250_000, GC.GetTotalMemory(true) - bytes);
    }

    [TestMethod]
    public void ExpectedGradients_FromOneBaseline_TendToIntegratedGradients()
    {
        using DisposeScope scope = NewDisposeScope();
        using var run = new ExplainedRun(AttributionGraphs.Pooled(), new() { Baselines = [zeros(1, 2, 12, 12)], Samples = 200 });
        IReadOnlyList<AttributionMap> maps = run.Explainer.Explain(
            run.Inputs, [ExplainedRun.Class(1)], ["expected-gradients", "integrated-gradients"], []);
        Assert.AreEqual(maps[1].Values.Sum(), maps[0].Values.Sum(), 0.03 * Math.Abs(maps[1].Values.Sum()));
    }

    [TestMethod]
    public void EigenCam_IsTheFirstPrincipalDirection_TurnedToActivation()
    {
        using var run = new ExplainedRun(AttributionGraphs.Pooled());
        float[] few = run.Explainer.Explain(run.Inputs, [ExplainedRun.Class(1)], ["eigen-cam"], ["relu_last"]).Single().Values;
        using DisposeScope scope = NewDisposeScope();
        Tensor places = run.Explainer.Values(run.Inputs, ["relu_last"])[0].reshape(8, 36).to(ScalarType.Float64);
        Tensor centred = places - places.mean([1], keepdim: true);
        Tensor direction = ones(36, 1, dtype: ScalarType.Float64) + arange(36).reshape(36, 1);
        for (int i = 0; i < 2000; i++)
        {
            direction = centred.t().mm(centred.mm(direction));
            direction /= direction.norm();
        }

        Tensor expected = direction.flatten() * centred.mm(direction).norm();
        expected = (expected * places.sum([0])).sum().item<double>() < 0 ? -expected : expected;
        for (int i = 0; i < 36; i++)
            Assert.AreEqual(expected[i].item<double>(), few[i], 1e-4);
    }

    /// <summary>Steps of 0.01 round by half of that at most; what the gradient does behind them is the same.</summary>
    [TestMethod]
    public void Explain_AQuantisedModel_GoesStraightThrough_AndSaysSo()
    {
        using var run = new ExplainedRun(AttributionGraphs.Pooled((graph, x, name) =>
        {
            string scale = AttributionGraphs.Number(graph, "scale", 0.01f);
            string zero = graph.Initializer("zero", new TensorData(ElementType.UInt8, TensorShape.Scalar, new byte[1]));
            string rounded = graph.Node("QuantizeLinear", "rounded", [graph.Node("Relu", "relu", [x]), scale, zero]);
            return graph.Node("DequantizeLinear", name, [rounded, scale, zero]);
        }));
        using var plain = new ExplainedRun(AttributionGraphs.Pooled());
        AttributionMap found = run.Explainer.Explain(run.Inputs, [ExplainedRun.Class(1)], ["grad-cam"], ["relu"]).Single();
        AttributionMap expected = plain.Explainer.Explain(plain.Inputs, [ExplainedRun.Class(1)], ["grad-cam"], ["act"]).Single();
        Assert.StartsWith("gradients go straight through its roundings: the target is ", found.Notes.Single());
        float size = expected.Values.Max(Math.Abs);
        for (int i = 0; i < expected.Values.Length; i++)
            Assert.AreEqual(expected.Values[i], found.Values[i], 0.1f * size);
    }

    [TestMethod]
    public void Explain_WrongUse_IsToldInOneLine()
    {
        using var run = new ExplainedRun(AttributionGraphs.Pooled());
        string Refused(AttributionTarget target, string method, string[] layers, params (string, Tensor)[] inputs) =>
            Assert.Throws<BadInputException>(() => run.Explainer.Explain(
                inputs.Length == 0 ? run.Inputs : inputs, [target], [method], layers)).Message;

        Assert.AreEqual("pooled: target 'class 5' is logits[0, 5], but 'logits' is [1, 5]", Refused(ExplainedRun.Class(5), "grad-cam", []));
        Assert.StartsWith("method 'gradcam' is not known, expected gradient, ", Refused(ExplainedRun.Class(1), "gradcam", []));
        Assert.AreEqual("pooled: has no places in 'flat' ([1, 8]), expected a layer with rows and columns; the nearest in front of it is "
            + "'relu_last'", Refused(ExplainedRun.Class(1), "grad-cam", ["flat"]));
        Assert.StartsWith("pooled: has no tensor 'relu_lst'; the nearest names are 'relu_last'",
            Refused(ExplainedRun.Class(1), "grad-cam", ["relu_lst"]));
        Assert.StartsWith("pooled: input 'image: float32[N, 2, 12, 12]' is not given",
            Refused(ExplainedRun.Class(1), "gradient", [], ("picture", run.Image)));
        using Tensor two = run.Image.repeat(2, 1, 1, 1);
        Assert.AreEqual("pooled: input 'image' is given as [2, 2, 12, 12], expected one picture: a batch of 1",
            Refused(ExplainedRun.Class(1), "gradient", [], ("image", two)));
        Assert.AreEqual("pooled: expected-gradients needs baselines: other pictures to compare with",
            Refused(ExplainedRun.Class(1), "expected-gradients", []));
    }

    [TestMethod]
    public void Cost_CountsForwardPasses()
    {
        using var run = new ExplainedRun(AttributionGraphs.Pooled(), new() { OcclusionWindow = 4, OcclusionStride = 4, Samples = 10 });
        double[] costs = [.. run.Explainer.Cost(run.Inputs, [ExplainedRun.Class(1)],
            ["gradient", "smooth-grad", "score-cam", "occlusion", "ablation-cam"], ["relu_last"]).Select(cost => cost.ForwardPasses)];
        CollectionAssert.AreEqual(new double[] { 2, 20, 9, 10 }, costs[..4]);
        // Eight times next to nothing: a pool and a small layer.
        Assert.IsTrue(costs[4] is > 1 and < 1.5, $"{costs[4]}");
    }

    private static void AssertClose(AttributionMap expected, AttributionMap found)
    {
        float size = expected.Values.Max(Math.Abs);
        Assert.HasCount(expected.Values.Length, found.Values);
        // Two engines sum in another order: 1e-4 of the largest is the house's bar for tensors.
        for (int i = 0; i < expected.Values.Length; i++)
            Assert.AreEqual(expected.Values[i], found.Values[i], 1e-4f * size, $"{expected.Method} at {expected.Layer}[{i}]");
    }
}
