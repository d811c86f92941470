using CnnOnnx.Statistics;
using CnnOnnx.Tests.Support;
using CsCheck;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class TensorStatisticsTests
{
    [TestMethod]
    public void From_EveryLength_AgreesWithTheDefinition()
    {
        var random = new Random(3);
        // All remainders of a vector's width, and more than one vector.
        for (int length = 1; length < 70; length++)
        {
            float[] values = [.. Enumerable.Range(0, length).Select(i => i % 5 == 3 ? 0 : (float)(random.NextDouble() * 20 - 5))];
            TensorStatistics actual = TensorStatistics.From(values);
            double mean = values.Average(v => (double)v);
            Assert.AreEqual(length, actual.Count);
            Assert.AreEqual(values.Min(), actual.Min);
            Assert.AreEqual(values.Max(), actual.Max);
            Assert.AreEqual(mean, actual.Mean, 1e-12);
            Assert.AreEqual(Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), actual.Std, 1e-12);
            Assert.AreEqual((double)values.Count(v => v == 0) / length, actual.ZeroShare);
            Assert.IsTrue(actual.IsFinite);
        }
    }

    [TestMethod]
    public void From_AnyMixWithNaNAndInfinities_AgreesWithTheDefinition()
    {
        float[] special = [0, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon];
        Drawn.Check(Gen.OneOf(Gen.Int[0, special.Length - 1].Select(i => special[i]), Gen.Single[-3, 3], Gen.Single).Array[1, 100], 300,
            values =>
        {
            TensorStatistics actual = TensorStatistics.From(values);
            double[] finite = [.. values.Where(float.IsFinite).Select(v => (double)v)];
            Assert.AreEqual((values.Length, values.Count(float.IsNaN)), (actual.Count, actual.NanCount));
            Assert.AreEqual(
                (values.Count(float.IsPositiveInfinity), values.Count(float.IsNegativeInfinity)),
                (actual.PositiveInfinityCount, actual.NegativeInfinityCount));
            Assert.AreEqual((double)values.Count(v => v == 0) / values.Length, actual.ZeroShare, 1e-15);
            if (finite.Length == 0)
                return;
            double mean = finite.Average(), largest = finite.Max(Math.Abs);
            Assert.AreEqual((finite.Min(), finite.Max()), (actual.Min, actual.Max));
            // Double precision of sums whose terms cancel out; half of its digits where a root is taken of such a sum.
            Assert.AreEqual(mean, actual.Mean, 1e-13 * largest);
            Assert.AreEqual(Math.Sqrt(finite.Average(v => (v - mean) * (v - mean))), actual.Std, 1e-7 * largest);
        });
    }

    [TestMethod]
    public void From_NaNAndInfinities_AreCountedAndLeftOut()
    {
        float[] values = [float.NaN, 1, float.PositiveInfinity, -3, 0, float.NaN, float.NegativeInfinity, 0, 2, float.NaN, -0f];
        TensorStatistics actual = TensorStatistics.From(values);
        Assert.AreEqual((11L, 3L, 1L, 1L), (actual.Count, actual.NanCount, actual.PositiveInfinityCount, actual.NegativeInfinityCount));
        Assert.AreEqual((-3f, 2f), (actual.Min, actual.Max));
        Assert.AreEqual(0, actual.Mean, 1e-15);
        // (1 + 9 + 4) / 6
        Assert.AreEqual(Math.Sqrt(14 / 6.0), actual.Std, 1e-15);
        Assert.AreEqual(3 / 11.0, actual.ZeroShare);
        Assert.IsFalse(actual.IsFinite);
    }

    [TestMethod]
    public void From_FirstFiniteValueZeroAmongNaN_CountsNoNaNAsZero()
    {
        float[] values = [float.NaN, 0, float.NaN, 5];
        Assert.AreEqual(0.25, TensorStatistics.From(values).ZeroShare);
    }

    [TestMethod]
    public void From_NothingFinite_HasNoRange()
    {
        foreach (float[] values in new float[][] { [], [float.NaN, float.PositiveInfinity] })
        {
            TensorStatistics actual = TensorStatistics.From(values);
            Assert.AreEqual(values.Length, actual.Count);
            Assert.IsTrue(float.IsNaN(actual.Min) && float.IsNaN(actual.Max) && double.IsNaN(actual.Mean) && double.IsNaN(actual.Std));
            Assert.AreEqual(0, actual.ZeroShare);
        }
    }

    [TestMethod]
    public void From_ConstantTensor_HasExactlyNoSpread()
    {
        float[] values = new float[100_003];
        Array.Fill(values, 0.1f);
        TensorStatistics actual = TensorStatistics.From(values);
        Assert.AreEqual((double)0.1f, actual.Mean);
        Assert.AreEqual(0, actual.Std);
    }

    [TestMethod]
    public void From_SmallSpreadFarFromZero_KeepsItsDigits()
    {
        // Sums of squares of the values themselves would have lost them: 1e10 ± 1 in double.
        float[] values = [.. Enumerable.Range(0, 10_000).Select(i => 100_000f + (i % 2) / 64f)];
        Assert.AreEqual(1 / 128.0, TensorStatistics.From(values).Std, 1e-12);
    }

    [TestMethod]
    public void From_LargestFloats_DoNotOverflow()
    {
        TensorStatistics actual = TensorStatistics.From([float.MaxValue, -float.MaxValue, float.MaxValue, -float.MaxValue]);
        Assert.AreEqual(0, actual.Mean, 1e22);
        Assert.AreEqual(float.MaxValue, actual.Std, 1e22);
    }
}
