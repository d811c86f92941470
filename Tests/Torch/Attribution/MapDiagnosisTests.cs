using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Tests.Attribution;

[TestClass]
public sealed class MapDiagnosisTests
{
    private static readonly AttributionTarget Target = new("cat", "logit of cat", [new TargetTerm("fc", [0, 0], 1)]);

    [TestMethod]
    [DataRow(new[] { 1f, float.NaN, 0, 0 }, MapFault.NotANumber, "1 of 4 values are NaN or infinite")]
    [DataRow(new[] { 0f, 0, 0, 0 }, MapFault.Blank, "all 4 values are 0")]
    [DataRow(new[] { 1f, 1.001f, 1, 1 }, MapFault.Flat, "every place counts alike")]
    [DataRow(new[] { -1f, -2, -3, -4 }, MapFault.Inverted, "all values are negative (down to -4)")]
    [DataRow(new[] { 0.1f, -2, -3, -4 }, MapFault.Inverted, "99 % of the map is negative")]
    public void AMapThatNobodyCanReadIsExplained(float[] values, MapFault fault, string words)
    {
        MapFinding found = MapDiagnosis.Of(Map(2, 2, values, isPositive: true))[0];
        Assert.AreEqual(fault, found.Fault);
        StringAssert.Contains(found.ToString(), words);
        StringAssert.Contains(found.ToString(), "; next: ");
    }

    [TestMethod]
    public void NothingIsSaidOfAGoodMap()
    {
        Assert.IsEmpty(MapDiagnosis.Of(Map(2, 2, [0.1f, 2, 3, -0.4f], isPositive: true), "Gemm", 12));
        // Where both signs are shown, nothing is hidden.
        Assert.IsEmpty(MapDiagnosis.Of(Map(2, 2, [-1, -2, -3, -4], isPositive: false)));
    }

    [TestMethod]
    public void ASureProbabilityIsSaturatedAndAScoreIsNot()
    {
        AttributionMap map = Map(2, 2, [0.1f, 2, 3, 0.4f], isPositive: true);
        Assert.AreEqual(MapFault.Saturated, MapDiagnosis.Of(map, "Softmax", 0.99999)[0].Fault);
        Assert.IsEmpty(MapDiagnosis.Of(map, "Softmax", 0.8));
        Assert.IsEmpty(MapDiagnosis.Of(map, "Gemm", 0.99999));
    }

    [TestMethod]
    public void OneCellAtTheEdgeIsPadding() => Assert.AreEqual(MapFault.Edge,
        MapDiagnosis.Of(Map(3, 3, [0.1f, 0.1f, 9, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f], isPositive: true))[0].Fault);

    private static AttributionMap Map(int height, int width, float[] values, bool isPositive) =>
        new("grad-cam", "conv", Target, height, width, 1, values) { ShownPositive = isPositive };
}
