using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Tests.Rendering;

[TestClass]
public sealed class LegendTests
{
    [TestMethod]
    [DataRow("conv1/weight:0", "conv1/weight:0")]
    [DataRow("ü Ω ж – ²", "ü Ω ж – ²")]
    [DataRow("图层 \ud83d\ude00", "?? ?")]
    [DataRow("a\tb\nc\0", "a?b?c?")]
    public void Clean_WhatTheFontHasNot_IsReplaced(string text, string expected) => Assert.AreEqual(expected, TextPainter.Clean(text));

    [TestMethod]
    public void Fit_LongText_IsCutInTheMiddle()
    {
        string text = "/features/features.4/conv/conv.2/Conv_output_0";
        string cut = TextPainter.Fit(text, TextPainter.Plain, 150);
        Assert.IsLessThanOrEqualTo(150, TextPainter.WidthOf(cut, TextPainter.Plain));
        Assert.StartsWith("/features", cut);
        Assert.EndsWith("output_0", cut);
        Assert.Contains("…", cut);
        Assert.AreEqual(text, TextPainter.Fit(text, TextPainter.Plain, 1000));
        Assert.AreEqual("", TextPainter.Fit(text, TextPainter.Plain, 3));
    }

    [TestMethod]
    [DataRow(0, "0")]
    [DataRow(-0.29412, "-0.294")]
    [DataRow(12.04, "12")]
    [DataRow(1234.5678, "1235")]
    [DataRow(-99999.9, "-100000")]
    [DataRow(1.5e7, "1.5e7")]
    [DataRow(1.23456e-7, "1.23e-7")]
    [DataRow(1e-10, "1e-10")]
    [DataRow(3.4e38, "3.4e38")]
    [DataRow(double.NaN, "NaN")]
    public void Short_Numbers_HaveThreeDigits(double value, string expected) => Assert.AreEqual(expected, Numbers.Short(value));

    [TestMethod]
    public void HeightAt_LessWidth_TakesMoreLines()
    {
        var legend = new Legend(
            "t", ["shape [1, 64, 112, 112]", "64 maps", "each map by its own range", "layer 0 .. 6"], ("min", "", "max"));
        Assert.IsGreaterThan(legend.HeightAt(1000), legend.HeightAt(Legend.MinWidth));
        Assert.AreEqual(legend.HeightAt(1000), legend.HeightAt(2000));
    }

    [TestMethod]
    public void Around_ContentOfAnySize_HasRoomForItAndTheLegend()
    {
        var legend = new Legend("t", ["shape"], ("min", "", "max"));
        foreach (Size content in new[] { default, new Size(10, 10), new Size(900, 20) })
        {
            var frame = Frame.Around(content, legend);
            Assert.IsTrue(new Rect(default, frame.Size).Contains(frame.Content), $"{frame}");
            Assert.AreEqual(2 * Legend.Margin + legend.HeightAt(frame.Size.Width - 2 * Legend.Margin), frame.Content.Y);
        }

        Assert.AreEqual(new Rect(0, 0, 900, 20), Frame.Around(new Size(900, 20), null).Content);
    }

    [TestMethod]
    public void Describe_LayerWithFaults_SaysWhichAndHowMany()
    {
        MapFacts constant = MapFacts.Of([2, 2, 2]), odd = MapFacts.Of([1, float.NaN, float.PositiveInfinity]),
            good = MapFacts.Of([0, 5, 1]);
        ScaleRule rule = ScaleRule.Of(ScaleMode.Tile);
        Legend legend = LayerRange.Of([constant, odd, good, good]).Describe("t", ["shape"], rule, new(0, 5));
        CollectionAssert.AreEqual(
            new[] { "shape", "each map by its own range", "layer 0 .. 5", "1 map constant", "1 NaN, 1 Inf (checkered) in 1 of 4 maps" },
            legend.Remarks.ToArray());
        Assert.AreEqual(("min", "", "max"), legend.Labels);
    }

    [TestMethod]
    public void Describe_LayerMode_SaysTheRangeBelowTheBarOnly()
    {
        Legend legend = LayerRange.Of([MapFacts.Of([-1, 3])]).Describe("t", [], ScaleRule.Of(ScaleMode.Layer), new(-1, 3));
        Assert.AreEqual(("-1", "1", "3"), legend.Labels);
        CollectionAssert.AreEqual(new[] { "one range for the layer" }, legend.Remarks.Where(remark => remark != "").ToArray());
        // Scaled by another range than its own, it says both.
        legend = LayerRange.Of([MapFacts.Of([-1, 3])]).Describe("t", [], ScaleRule.Of(ScaleMode.Layer), new(0, 10));
        Assert.AreEqual(("0", "5", "10"), legend.Labels);
        Assert.Contains("layer -1 .. 3", legend.Remarks);
    }

    [TestMethod]
    public void Describe_NothingFinite_HasNoBar()
    {
        Legend legend = LayerRange.Of([MapFacts.Of([float.NaN, float.NaN])])
            .Describe("t", [], ScaleRule.Of(ScaleMode.Layer), MapFacts.Empty.Range);
        Assert.IsNull(legend.Labels);
        CollectionAssert.AreEqual(new[] { "2 NaN (checkered)" }, legend.Remarks.ToArray());
    }
}
