using System.Globalization;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Attribution;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Attribution;

/// <summary>
/// Guided rules and ReLU6, which is Clip in a graph: here it is a rectifier as Relu is; for the tools it is none. x [1, 1, 4, 4] = 0..15 →
/// Conv (two maps, 3×3 of 0.2, biases −10 and −15) → Clip 0..6 → Gemm (1, 1, 1, 1, 1, −1, −1, −1) → Relu. The activations are
/// 0, 0.8, 6, 6 and 0, 0, 1.2, 3.
/// </summary>
[TestClass]
public sealed class ReluSixTests
{
    /// <summary>Only the unit of 0.8 is inside with a positive gradient; deconvnet asks for the gradient alone.</summary>
    [TestMethod]
    [DataRow("guided-backprop", "0 .2 .2 .2 0 .2 .2 .2 0 .2 .2 .2 0 0 0 0")]
    [DataRow("deconvnet", ".4 .6 .6 .2 .6 1 1 .4 .6 1 1 .4 .2 .4 .4 .2")]
    public void Paper_GuidesIt(string method, string expected)
    {
        AttributionMap map = Explain(method, Convention.Paper);
        AssertValues(expected, map);
        Assert.IsEmpty(map.Notes);
    }

    /// <summary>
    /// Numbers that Captum faac080 (GuidedBackprop, Deconvolution) and pytorch-grad-cam 084273b (GuidedBackpropReLUModel) gave for the same
    /// network of torch.nn.ReLU6, which is no torch.nn.ReLU: those of the gradient.
    /// </summary>
    [TestMethod]
    [DataRow("guided-backprop", Convention.Captum)]
    [DataRow("deconvnet", Convention.Captum)]
    [DataRow("guided-backprop", Convention.PytorchGradCam)]
    [DataRow("guided-backprop", Convention.PytorchCnnVisualizations)]
    public void Tools_LeaveItAsItIs_WhichIsSaid(string method, Convention convention)
    {
        AttributionMap map = Explain(method, convention);
        AssertValues("0 .2 .2 .2 -.2 -.2 -.2 0 -.2 -.2 -.2 0 -.2 -.4 -.4 -.2", map);
        Assert.AreEqual("1 activations have no such rule and were differentiated as they are: Clip", map.Notes[0]);
    }

    private static AttributionMap Explain(string method, Convention convention)
    {
        using DisposeScope scope = NewDisposeScope();
        using var explainer = new Explainer(Network(), new() { Convention = convention });
        return explainer.Explain([("x", arange(16, dtype: ScalarType.Float32).reshape(1, 1, 4, 4))], [GoldenVectorTests.First], [method],
            []).Single();
    }

    private static OnnxModel Network()
    {
        var graph = new GraphBuilder("relu6");
        string x = graph.Input("x", ElementType.Float, 1, 1, 4, 4);
        string kernel = graph.Initializer("kernel", TensorData.FromArray([.. Enumerable.Repeat(0.2f, 18)], new TensorShape(2, 1, 3, 3)));
        string bias = graph.Initializer("bias", TensorData.FromArray([-10f, -15], new TensorShape(2)));
        string relu = graph.Node("Clip", "relu6", [graph.Node("Conv", "conv", [x, kernel, bias]),
            AttributionGraphs.Number(graph, "zero", 0), AttributionGraphs.Number(graph, "six", 6)]);
        float[] row = [1, 1, 1, 1, 1, -1, -1, -1];
        string weight = graph.Initializer("weight", TensorData.FromArray([.. row, .. row], new TensorShape(2, 8)));
        string logits = graph.Node("Gemm", "fc", [graph.Node("Flatten", "flat", [relu]), weight], ("transB", 1));
        graph.Output(graph.Node("Relu", "y", [logits]), ElementType.Float, 1, 2);
        return graph.Build();
    }

    private static void AssertValues(string expected, AttributionMap map)
    {
        float[] numbers = [.. expected.Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];
        Assert.HasCount(numbers.Length, map.Values);
        // Numbers of one or two digits, made of sums of at most five.
        for (int i = 0; i < numbers.Length; i++)
            Assert.AreEqual(numbers[i], map.Values[i], 1e-6f, $"[{i}] of {string.Join(' ', map.Values)}");
    }
}
