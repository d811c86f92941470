using CnnOnnx.Statistics;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class DifferenceTests
{
    [TestMethod]
    public void Between_Numbers_TellsHowFarAndWhere()
    {
        Difference difference = Difference.Between<float>([1, 2, 3, -4], [1, 5, 3, -8]);
        Assert.AreEqual(new Difference(Largest: 4, At: 3, Norm: 5, Magnitude: 8, NonFinite: 0), difference);
    }

    [TestMethod]
    public void Between_EqualOnes_IsNone()
    {
        double[] values = [0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 7];
        Assert.AreEqual(new Difference(0, null, 0, 7, 0), Difference.Between<double>(values, values));
        Assert.AreEqual(new Difference(0, null, 0, 0, 0), Difference.Between<float>([0f, -0f], [-0f, 0f]));
        Assert.AreEqual(new Difference(0, null, 0, 0, 0), Difference.Between<float>([], []));
    }

    [TestMethod]
    public void Between_NaNOnOneSide_IsTheLargest()
    {
        Difference difference = Difference.Between<float>([1, float.NaN, float.PositiveInfinity, 900], [2, 1, 0, 0]);
        Assert.IsTrue(double.IsNaN(difference.Largest));
        Assert.AreEqual((1L, 2L, 2.0), (difference.At, difference.NonFinite, difference.Magnitude));
    }

    [TestMethod]
    public void Between_InfinityOnOneSide_IsInfinite()
    {
        Difference difference = Difference.Between<float>([1, float.PositiveInfinity], [2, float.NegativeInfinity]);
        Assert.AreEqual((double.PositiveInfinity, 1L, 1L), (difference.Largest, difference.At, difference.NonFinite));
    }

    // As a float, it would be infinite.
    [TestMethod]
    public void Between_LargeFloats_IsInDoublePrecision() =>
        Assert.AreEqual(2.0 * float.MaxValue, Difference.Between<float>([float.MaxValue], [-float.MaxValue]).Largest);

    [TestMethod]
    public void Between_OtherLength_IsRefused()
    {
        var refused = Assert.ThrowsExactly<ArgumentException>(() => Difference.Between<float>([1], [1, 2]));
        Assert.AreEqual("Tensors that are compared have as many elements, got 1 and 2.", refused.Message);
    }
}
