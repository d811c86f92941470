using CnnOnnx.Statistics;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class ValueSketchTests
{
    /// <summary>
    /// The referee is the sorted list that the sketch does without. Half a bin of 16 in a power of two is 1/32 of its lower end.
    /// </summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Quantile_OfAnyValues_IsOffByNoMoreThanItsBin(int seed)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, 10_001).Select(i => i % 5 == 0 ? 0
            : (random.NextSingle() - (seed == 3 ? 0.5f : 0)) * MathF.Pow(10, random.Next(-6, 6)))];
        float[] sorted = [.. values.Order()];
        var sketch = new ValueSketch();
        foreach (float[] part in values.Chunk(999))
            sketch.Add(ValueSketch.Of(part));
        Assert.AreEqual(values.Length, sketch.Count);
        foreach (double share in new[] { 0, 0.01, 0.25, 0.5, 0.75, 0.99, 1 })
        {
            float exact = sorted[(int)(share * (sorted.Length - 1))];
            Assert.AreEqual(exact, sketch.Quantile(share, sorted[0], sorted[^1]), Math.Abs(exact) / 32 + 1e-30, $"{share}");
        }
    }

    [TestMethod]
    public void Add_PartsInAnyOrder_AreTheWhole()
    {
        var random = new Random(5);
        float[][] parts = [.. Enumerable.Range(0, 9)
            .Select(i => Enumerable.Range(0, 50 * i).Select(_ => random.NextSingle() - 0.5f).ToArray())];
        var whole = new ValueSketch();
        whole.Add(ValueSketch.Of([.. parts.SelectMany(p => p)]));
        (ValueSketch forth, ValueSketch back) = (Sum(parts), Sum(parts.Reverse()));
        for (int bin = 0; bin < ValueSketch.Bins; bin++)
            Assert.AreEqual((whole[bin], whole[bin]), (forth[bin], back[bin]));
    }

    [TestMethod]
    public void Of_NotFinite_LeavesThemOut()
    {
        var sketch = new ValueSketch();
        sketch.Add(ValueSketch.Of([float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue]));
        Assert.AreEqual(2, sketch.Count);
        Assert.AreEqual(double.NaN, new ValueSketch().Quantile(0.5, 0, 0));
    }

    private static ValueSketch Sum(IEnumerable<float[]> parts)
    {
        var sum = new ValueSketch();
        foreach (float[] part in parts)
        {
            var own = new ValueSketch();
            own.Add(ValueSketch.Of(part));
            sum.Add(own);
        }

        return sum;
    }
}
