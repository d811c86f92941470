using System.Globalization;
using CnnOnnx.Tests.Graph;
using CnnOnnx.Torch.Attribution;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Attribution;

/// <summary>
/// Every method on a network of two maps whose numbers hands, or the tool of a convention, computed: 16 pixels 0..15, y = 54. Those of
/// guided backpropagation, deconvnet, Grad-CAM and guided Grad-CAM also stand in Captum's tests.
/// </summary>
[TestClass]
public sealed class GoldenVectorTests
{
    // Numbers are given to four digits behind the point or more.
    private const float Tolerance = 1e-4f;

    [TestMethod]
    [DataRow("gradient", "0 1 1 1 0 1 1 1 0 1 1 1 0 0 0 0")]
    [DataRow("gradient-x-input", "0 1 2 3 0 5 6 7 0 9 10 11 0 0 0 0")]
    [DataRow("guided-backprop", "0 1 1 1 1 3 3 2 1 3 3 2 1 2 2 1")]
    [DataRow("deconvnet", "2 3 3 1 3 5 5 2 3 5 5 2 1 2 2 1")]
    public void OfInput(string method, string expected) => AssertMap(expected, method, "relu1");

    [TestMethod]
    [DataRow("grad-cam", "relu1", "0 4 28 32.5")]
    [DataRow("grad-cam", "conv1", "11.25 13.5 20.25 22.5")]
    [DataRow("hires-cam", "relu1", "0 4 25 25")]
    [DataRow("hires-cam", "conv1", "0 4 25 25")]
    [DataRow("grad-cam-elementwise", "relu1", "0 4 31 40")]
    [DataRow("layer-cam", "relu1", "0 4 31 40")]
    [DataRow("xgrad-cam", "relu1", "0 4 25 25")]
    [DataRow("xgrad-cam", "conv1", "-26.3571 -10.4143 37.4143 53.3571")]
    [DataRow("grad-cam-plus-plus", "relu1", "0 .207792 1.871259 2.730096")]
    [DataRow("grad-cam-plus-plus", "conv1", "-.2083333 .1666667 1.2916667 1.6666667")]
    [DataRow("ablation-cam", "relu1", "0 4 28.66667 34.16667")]
    [DataRow("score-cam", "relu1", "0 4 31 40")]
    // One place alone: 0, 4, 31 − 6, 40 − 15.
    [DataRow("recipro-cam", "relu1", "0 4 25 25")]
    public void OfLayer(string method, string layer, string expected) => AssertMap(expected, method, layer);

    [TestMethod]
    [DataRow(Convention.PytorchGradCam, "grad-cam", "relu1", "0 4 28 32.5")]
    [DataRow(Convention.PytorchGradCam, "grad-cam-plus-plus", "relu1", "0 .207792 1.871259 2.730096")]
    [DataRow(Convention.PytorchGradCam, "grad-cam-plus-plus", "conv1", "-.2083 .1667 1.2917 1.6667")]
    [DataRow(Convention.PytorchGradCam, "xgrad-cam", "conv1", "-26.3571 -10.4143 37.4143 53.3571")]
    [DataRow(Convention.PytorchGradCam, "ablation-cam", "relu1", "0 4 28.6667 34.1667")]
    // Weights 4 and 1: sums of cubes of positive gradients.
    [DataRow(Convention.TorchCam, "grad-cam-plus-plus", "relu1", "0 16 130 175")]
    [DataRow(Convention.TorchCam, "xgrad-cam", "relu1", "0 4 25 25")]
    [DataRow(Convention.Captum, "grad-cam", "relu1", "0 4 28 32.5")]
    [DataRow(Convention.Captum, "guided-grad-cam", "relu1", "0 0 4 4 0 0 12 8 28 84 97.5 65 28 56 65 32.5")]
    [DataRow(Convention.Captum, "integrated-gradients", "", "0 .0805 .161 .2414 1.1855 3.2719 3.9262 2.506 "
        + "2.371 5.8893 6.5437 3.938 3.5564 7.4606 8.0345 4.1629")]
    [DataRow(Convention.PytorchCnnVisualizations, "grad-cam", "relu1", "1 5 29 33.5")]
    public void OfAConvention(Convention convention, string method, string layer, string expected) =>
        AssertMap(expected, method, layer, new() { Convention = convention });

    [TestMethod]
    public void Occlusion_IsTheMeanOverWindowsOnAPixel() => AssertMap(
        "7 8 6.5 4 15.5 20.75 22.25 18.5 30 39.25 44.25 40 36 45 50.5 47", "occlusion", "",
        new() { OcclusionWindow = 2, OcclusionStride = 1 });

    /// <summary>Scores of Score-CAM are in the map's note.</summary>
    [TestMethod]
    [DataRow(Convention.PytorchGradCam, "scores 5.2 to 18.43")]
    [DataRow(Convention.Paper, "scores 6.1 to 20.2")]
    public void ScoreCam_ScoresAreThoseOfMaskedInputs(Convention convention, string expected) =>
        Assert.Contains(expected, Explain("score-cam", "relu1", new() { Convention = convention }).Notes[0]);

    [TestMethod]
    public void IntegratedGradients_AreComplete()
    {
        AttributionMap map = Explain("integrated-gradients", "", new() { Completeness = 0.002 });
        Assert.AreEqual(54, map.Values.Sum(), 54 * 0.002);
        Assert.StartsWith("complete: the values sum to", map.Notes[0]);
        map = Explain("integrated-gradients", "", new() { Completeness = 1e-9, MostSteps = 5 });
        Assert.StartsWith("NOT complete: the values sum to", map.Notes[0]);
        Assert.Contains("in 5 steps", map.Notes[0]);
    }

    /// <summary>Input times gradient 54, and biases −50·3 (three open places), −75·(−2): 54 + (−150 + 150) = y.</summary>
    [TestMethod]
    public void FullGrad_PartsSumToTheTarget() =>
        Assert.AreEqual("input and 1 biases account for 54 of 54", Explain("full-grad", "").Notes[0]);

    internal static AttributionTarget First { get; } = new("first", "y[0, 0]", [new TargetTerm("y", [0, 0], 1)]);

    private static AttributionMap Explain(string method, string layer, ExplainerOptions? options = null)
    {
        using DisposeScope scope = NewDisposeScope();
        using var explainer = new Explainer(ToyGraphs.TwoRelus(), options);
        return explainer.Explain([("x", arange(16, dtype: ScalarType.Float32).reshape(1, 1, 4, 4))], [First], [method],
            layer.Length == 0 ? [] : [layer]).Single();
    }

    private static void AssertMap(string expected, string method, string layer, ExplainerOptions? options = null)
    {
        AttributionMap map = Explain(method, layer, options);
        float[] numbers = [.. expected.Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];
        Assert.AreEqual(method, map.Method);
        Assert.HasCount(map.Height * map.Width * map.Channels, numbers);
        for (int i = 0; i < numbers.Length; i++)
            Assert.AreEqual(numbers[i], map.Values[i], Tolerance * Math.Max(1, Math.Abs(numbers[i])),
                $"[{i}] of {string.Join(' ', map.Values)}");
    }
}
