using System.Numerics.Tensors;
using CnnOnnx.Statistics;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class FloatRowsTests
{
    [TestMethod]
    public void EachOperation_AnyLength_IsTheFrameworks()
    {
        var random = new Random(3);
        for (int length = 1; length < 70; length++)
        {
            float[] a = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];
            float[] b = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];
            // The order of additions differs: 70 products of at most 1/4, each sum rounded to 2⁻²⁴ of itself.
            Assert.AreEqual(TensorPrimitives.Dot<float>(a, b), FloatRows.Dot(a, b), 1e-5f, $"{length}");

            float[] expected = new float[length], sum = [.. b];
            TensorPrimitives.MultiplyAdd<float>(a, 3, b, expected);
            FloatRows.AddTimes(a, 3, sum);
            for (int i = 0; i < length; i++)
                Assert.AreEqual(expected[i], sum[i], 1e-6f, $"{length}");

            FloatRows.Center(sum);
            // Each of the values, up to 4 in magnitude, is rounded twice, and so is their mean.
            Assert.AreEqual(0, TensorPrimitives.Sum<float>(sum), length * 4 * 4 * MathF.Pow(2, -24), $"{length}");
            Assert.AreEqual(expected[^1] - expected[0], sum[^1] - sum[0], 1e-6f, $"{length}");
        }
    }

    [TestMethod]
    public void Center_Constant_IsZero()
    {
        float[] row = [.. Enumerable.Repeat(0.1f, 37)];
        FloatRows.Center(row);
        Assert.IsTrue(row.All(value => value == 0));
    }
}
