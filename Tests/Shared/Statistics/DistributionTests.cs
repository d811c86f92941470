using CnnOnnx.Statistics;
using CnnOnnx.Tests.Support;
using CsCheck;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class DistributionTests
{
    private static readonly double[] Percentages = [1, 5, 25, 50, 75, 95, 99];

    [TestMethod]
    [DataRow("normal")]
    [DataRow("rectified")]
    [DataRow("clipped")]
    [DataRow("few values")]
    [DataRow("constant")]
    [DataRow("huge and tiny")]
    [DataRow("mostly NaN")]
    [DataRow("ascending")]
    [DataRow("neighbouring floats")]
    [DataRow("zeros of both signs")]
    [DataRow("one far away")]
    [DataRow("lowest beside small ones")]
    [DataRow("long tails")]
    public void Of_ManyValues_EqualsSortingThem(string kind)
    {
        // Enough to be counted, but not their keys; and for both.
        Check(kind, 3001);
        Check(kind, 50_001);
    }

    [TestMethod]
    public void Of_AnyMix_EqualsSortingIt()
    {
        float[] special =
            [0, -0f, 1, -1, float.Epsilon, float.MaxValue, -float.MaxValue, float.NaN, float.PositiveInfinity, float.NegativeInfinity];
        Gen<float> value =
            Gen.OneOf(Gen.Int[0, special.Length - 1].Select(i => special[i]), Gen.Single[-1, 1], Gen.Single[0.5f, 0.5001f],
                Gen.Int[-5, 5].Select(i => i * 0.1f), Gen.Single);
        Drawn.Check(Gen.Select(value, value).SelectMany((a, b) => Gen.OneOf(Gen.Const(a), Gen.Const(b), value).Array[0, 3000]), 100,
            values => Check(values, "mixed"));
    }

    private static void Check(string kind, int length)
    {
        var random = new Random(7);
        float[] values = new float[length];
        for (int i = 0; i < values.Length; i++)
        {
            float normal = (float)Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * MathF.Cos(random.NextSingle() * MathF.Tau);
            values[i] = kind switch
            {
                "rectified" => Math.Max(0, normal),
                "clipped" => Math.Clamp(3 * normal, 0, 6),
                "few values" => random.Next(-3, 3),
                "constant" => -0.3f,
                "huge and tiny" => normal * MathF.Pow(10, random.Next(-38, 38)),
                "mostly NaN" => i % 10_000 == 0 ? i : i % 3 == 0 ? float.PositiveInfinity : i % 3 == 1 ? float.NegativeInfinity : float.NaN,
                "ascending" => i,
                // All in one key, with fractions that differ in the last bits.
                "neighbouring floats" => BitConverter.Int32BitsToSingle(0x3f800000 + random.Next(1 << 15)),
                "zeros of both signs" => i % 4 == 0 ? -0f : i % 4 == 1 ? 0 : i % 8 == 2 ? float.Epsilon : -float.Epsilon,
                "one far away" => i == 777 ? -1e30f : normal,
                "lowest beside small ones" => i % 20 == 0 ? -float.MaxValue : Math.Max(0, normal),
                "long tails" => normal * normal * normal * normal * normal,
                _ => normal,
            };
        }

        Check(values, kind);
    }

    private static void Check(float[] values, string kind)
    {
        var range = TensorStatistics.From(values);

        var distribution = Distribution.Of(values, range.Min, range.Max, Percentages);

        double[] found = distribution.Percentiles;
        CollectionAssert.AreEqual(found, Distribution.PercentilesOf(values, Percentages));
        float[] sorted = [.. values.Where(float.IsFinite).Order()];
        if (sorted.Length == 0)
        {
            Assert.IsTrue(found.All(double.IsNaN) && distribution.Histogram is null);
            return;
        }

        for (int p = 0; p < Percentages.Length; p++)
        {
            // NumPy's default: linear between the two neighbours. Rounding of the last double digit is allowed.
            double position = Percentages[p] / 100 * (sorted.Length - 1);
            int below = (int)position, above = Math.Min(sorted.Length - 1, below + 1);
            double expected = sorted[below] + ((double)sorted[above] - sorted[below]) * (position - below);
            Assert.AreEqual(expected, found[p], 1e-12 * Math.Abs(expected), $"{kind}, {Percentages[p]} %");
        }

        long[] bins = new long[Histogram.DefaultBins];
        double perUnit = range.Max > range.Min ? bins.Length / ((double)range.Max - range.Min) : 0;
        foreach (float value in sorted)
            bins[Math.Min(bins.Length - 1, (int)(((double)value - range.Min) * perUnit))]++;
        CollectionAssert.AreEqual(bins, distribution.Histogram!.Counts, kind);
    }

    [TestMethod]
    public void PercentilesOf_NothingFinite_IsNaN() =>
        Assert.IsTrue(Distribution.PercentilesOf(Enumerable.Repeat(float.NaN, 9000).ToArray(), 50).All(double.IsNaN));

    [TestMethod]
    public void Merge_OfParts_EqualsTheWhole()
    {
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 10_000).Select(i => i % 7 == 0 ? 0 : 1000 + random.NextSingle())];
        values[5] = float.NaN;
        values[9999] = float.NegativeInfinity;

        var whole = TensorStatistics.From(values);
        var merged = TensorStatistics.Merge(
            [.. new[] { 0..1, 1..6, 6..6, 6..5000, 5000..10_000 }.Select(r => TensorStatistics.From(values.AsSpan(r)))]);

        Assert.AreEqual(whole.Count, merged.Count);
        Assert.AreEqual(whole.Min, merged.Min);
        Assert.AreEqual(whole.Max, merged.Max);
        // Double precision; the sums are added in another order.
        Assert.AreEqual(whole.Mean, merged.Mean, 1e-9 * whole.Mean);
        Assert.AreEqual(whole.Std, merged.Std, 1e-9 * whole.Std);
        Assert.AreEqual(whole.ZeroShare, merged.ZeroShare, 1e-15);
        Assert.AreEqual(1, merged.NanCount);
        Assert.AreEqual(1, merged.NegativeInfinityCount);
    }

    [TestMethod]
    public void Merge_OfNothing_IsNaN()
    {
        var merged = TensorStatistics.Merge([]);
        Assert.AreEqual(0, merged.Count);
        Assert.IsTrue(float.IsNaN(merged.Min) && double.IsNaN(merged.Mean));
    }
}
