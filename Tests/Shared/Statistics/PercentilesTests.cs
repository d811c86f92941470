using CnnOnnx.Statistics;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class PercentilesTests
{
    [TestMethod]
    public void PercentilesOf_AnyValues_AgreesWithSorting()
    {
        var random = new Random(11);
        double[] percentages = [0, 1, 5, 25, 50, 75, 95, 99, 99.9, 100, 50];
        foreach (int length in new[] { 1, 2, 3, 10, 257, 1024, 1025, 5000 })
            foreach (int distinct in new[] { 1, 3, int.MaxValue })
            {
                float[] values = [.. Enumerable.Range(0, length).Select(_ => (float)(random.Next(distinct) * 0.37 - 2))];
                double[] actual = Distribution.PercentilesOf(values, percentages);
                float[] sorted = [.. values.Order()];
                for (int i = 0; i < percentages.Length; i++)
                    Assert.AreEqual(
                        BySorting(sorted, percentages[i]), actual[i], 1e-9 * Math.Abs(actual[i]), $"{percentages[i]} % of {length} values");
            }
    }

    [TestMethod]
    public void PercentilesOf_SortedAndReversed_GivesTheSame()
    {
        float[] up = [.. Enumerable.Range(0, 10_001).Select(i => (float)i)];
        float[] down = [.. up.Reverse()];
        CollectionAssert.AreEqual(new[] { 100.0, 5000, 9900 }, Distribution.PercentilesOf(up, 1, 50, 99));
        CollectionAssert.AreEqual(new[] { 100.0, 5000, 9900 }, Distribution.PercentilesOf(down, 1, 50, 99));
    }

    [TestMethod]
    public void PercentilesOf_NonFiniteValues_AreLeftOut()
    {
        CollectionAssert.AreEqual(
            new[] { 2.0 }, Distribution.PercentilesOf([float.NaN, 3, float.PositiveInfinity, 1, float.NegativeInfinity], 50));
        Assert.IsTrue(double.IsNaN(Distribution.PercentilesOf([float.NaN], 50)[0]));
        Assert.IsTrue(double.IsNaN(Distribution.PercentilesOf([], 50)[0]));
    }

    [TestMethod]
    public void PercentilesOf_NoPercentage_IsRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Distribution.PercentilesOf([1f], 101));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Distribution.PercentilesOf([1f], double.NaN));
    }

    private static double BySorting(float[] sorted, double percentage)
    {
        double position = percentage / 100 * (sorted.Length - 1);
        int below = (int)Math.Floor(position);
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * ((double)sorted[above] - sorted[below]);
    }
}
