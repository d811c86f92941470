using CnnOnnx.Statistics;

namespace CnnOnnx.Tests.Statistics;

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

    [TestMethod]
    public void Of_ManyValues_CountsEachInTheBinOfItsDefinition()
    {
        var random = new Random(11);
        // Multiples of an eighth lie on the bins' edges; a few are outside, a few are no numbers, and the last are not a whole vector.
        float[] values = [.. Enumerable.Range(0, 5003).Select(i => i % 3 == 0 ? random.Next(-3, 70) / 8f : random.NextSingle() * 8)];
        (values[100], values[2001], values[5002]) = (float.NaN, float.NegativeInfinity, 8);
        long[] expected = new long[64];
        foreach (float value in values)
            if (value is >= 0 and <= 8)
                expected[Math.Min(63, (int)Math.Floor((double)value * 8))]++;
        CollectionAssert.AreEqual(expected, Histogram.Of(values, 0, 8).Counts);
    }
}
