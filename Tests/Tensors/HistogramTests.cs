using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Tensors;

[TestClass]
public sealed class HistogramTests
{
    [TestMethod]
    public void Of_ValuesAtTheEdges_BelongToTheirBins()
    {
        Histogram actual = Histogram.Of([0, 0.99f, 1, 2.5f, 4, -1, 5, float.NaN, float.PositiveInfinity], 0, 4, bins: 4);
        CollectionAssert.AreEqual(new long[] { 2, 1, 1, 1 }, actual.Counts);
        Assert.AreEqual((0f, 4f), (actual.Min, actual.Max));
    }

    [TestMethod]
    public void Of_OneValueOnly_IsInTheFirstBin()
    {
        Histogram actual = Histogram.Of([2, 2, 2], 2, 2);
        Assert.HasCount(Histogram.DefaultBins, actual.Counts);
        Assert.AreEqual(3, actual.Counts[0]);
    }

    [TestMethod]
    public void Of_WholeRangeOfFloat_CountsEverything()
    {
        Histogram actual = Histogram.Of([-float.MaxValue, 0, float.MaxValue], -float.MaxValue, float.MaxValue, bins: 3);
        CollectionAssert.AreEqual(new long[] { 1, 1, 1 }, actual.Counts);
    }
}
