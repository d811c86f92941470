using CnnOnnx.Compare;

namespace CnnOnnx.Tests.Compare;

[TestClass]
public sealed class PairMeterTests
{
    private static readonly PairTolerance Small = new(1e-4, 0);

    [TestMethod]
    public void Result_HandWorked_HasTheDefinitions()
    {
        // d = 0, 1, 0, -2; ‖d‖² = 5, ‖a‖² = 1 + 4 + 9 + 16 = 30.
        PairMetrics m = Measure([1, 2, 3, 4], [1, 3, 3, 2]);
        Assert.AreEqual(2, m.Largest);
        Assert.AreEqual(3, m.At);
        Assert.AreEqual(0.75, m.MeanAbsolute);
        Assert.AreEqual(Math.Sqrt(5.0 / 30), m.RelativeError, 1e-15);
        Assert.AreEqual(0.5, m.LargestRelative);
        Assert.AreEqual(24 / Math.Sqrt(30 * 23.0), m.Cosine, 1e-15);
        Assert.AreEqual(10 * Math.Log10(30.0 / 5), m.Snr, 1e-12);
        Assert.AreEqual(10 * Math.Log10(9 / (5.0 / 4)), m.Psnr, 1e-12);
        Assert.AreEqual(0.5, m.OutsideShare);
        Assert.IsFalse(m.IsBitEqual);
        Assert.IsFalse(m.IsWithin(Small));
    }

    [TestMethod]
    public void Result_AnyLength_IsThatOfAPlainLoop()
    {
        var random = new Random(3);
        foreach (int length in new[] { 1, 7, 8, 15, 16, 17, 31, 33, 1000 })
        {
            float[] a = [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() * 4 - 2))];
            float[] b = [.. a.Select(v => random.Next(3) == 0 ? v + (float)(random.NextDouble() - 0.5) : v)];
            double off = a.Zip(b, (x, y) => Math.Pow((double)x - y, 2)).Sum(), norm = a.Sum(x => (double)x * x);
            float[] differences = [.. a.Zip(b, (x, y) => MathF.Abs(x - y))];
            PairMetrics m = Measure(a, b);
            // The difference of two floats is rounded to a float: at most 2⁻²⁴ of it.
            Assert.AreEqual(Math.Sqrt(off / norm), m.RelativeError, 1e-6 * Math.Sqrt(off / norm) + 1e-12, $"{length}");
            Assert.AreEqual(differences.Max(), m.Largest, $"{length}");
            Assert.AreEqual(differences.Max() == 0 ? null : (long?)Array.IndexOf(differences, differences.Max()), m.At, $"{length}");
        }
    }

    [TestMethod]
    public void Result_NaNOnOneSide_IsNeverWithin()
    {
        float[] a = new float[40], b = new float[40];
        Array.Fill(a, 1);
        Array.Fill(b, 1);
        b[37] = float.NaN;
        PairMetrics m = Measure(a, b);
        Assert.AreEqual((0L, 1L, 0.0), (m.NaNInA, m.NaNInB, m.RelativeError));
        Assert.AreEqual(37, m.At);
        Assert.IsFalse(m.IsWithin(new PairTolerance(10, 10)));
        a[37] = float.NaN;
        Assert.IsTrue(Measure(a, b).IsWithin(Small), "NaN in the same places of both is no difference");
    }

    [TestMethod]
    public void Result_TwoRuns_IsThatOfBothTogether()
    {
        var meter = new PairMeter();
        meter.Add([1, 2], [1, 3], Small);
        meter.Add([3, 4], [3, 2], Small);
        PairMetrics two = meter.Result(), one = Measure([1, 2, 3, 4], [1, 3, 3, 2]);
        Assert.AreEqual(one.RelativeError, two.RelativeError, 1e-15);
        Assert.AreEqual((one.Largest, one.Cosine, one.Psnr), (two.Largest, two.Cosine, two.Psnr));
        Assert.AreEqual((1L, 1), (two.At, two.AtRun));
    }

    [TestMethod]
    public void Result_ZeroAgainstSomething_IsInfinitelyFar()
    {
        PairMetrics m = Measure([0, 0], [0, 1e-3f]);
        Assert.AreEqual((double.PositiveInfinity, 0.0), (m.RelativeError, m.Cosine));
        Assert.IsFalse(m.IsWithin(Small));
        Assert.IsTrue(m.IsWithin(new PairTolerance(1e-4, 1e-2)));
    }

    private static PairMetrics Measure(float[] a, float[] b)
    {
        var meter = new PairMeter();
        meter.Add(a, b, Small);
        return meter.Result();
    }
}
