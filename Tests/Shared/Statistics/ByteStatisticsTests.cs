using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CsCheck;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class ByteStatisticsTests
{
    private static readonly double[] Percentages = [0, 1, 37.5, 50, 99, 100];

    [TestMethod]
    [DataRow(ElementType.UInt8)]
    [DataRow(ElementType.Int8)]
    [DataRow(ElementType.Bool)]
    public void Of_AnyBytes_IsWhatTheirFloatsGiveToTheLastBit(ElementType type)
    {
        // Few different ones, and more vectors than one block has.
        Gen<byte[]> bytes = Gen.OneOf(Gen.Byte.Array[0, 200], Gen.Byte[126, 130].Array[0, 200], Gen.Byte.Array[4000, 17_000]);
        Drawn.Check(bytes, 300, drawn => AssertEqual(drawn, type));
    }

    [TestMethod]
    public void Of_ManyTimesTheLargest_DoesNotOverflow()
    {
        byte[] bytes = new byte[3_000_001];
        Array.Fill(bytes, byte.MaxValue);
        AssertEqual(bytes, ElementType.UInt8);
        bytes[^1] = 254;
        AssertEqual(bytes, ElementType.UInt8);
        Assert.AreEqual(0, ByteStatistics.Of(bytes.AsSpan(0, 1_000_000), new ByteLevels(0)).Std);
    }

    [TestMethod]
    public void ByteLevels_OfOtherTypes_AreNone() =>
        Assert.IsTrue(new[] { ElementType.Float, ElementType.Int16, ElementType.UInt4 }.All(type => ByteLevels.Of(type) is null));

    [TestMethod]
    [DataRow(ElementType.UInt8)]
    [DataRow(ElementType.Int8)]
    public void DistributionOf_AnyBytes_IsThatOfTheirFloats(ElementType type) =>
        Drawn.Check(Gen.OneOf(Gen.Byte.Array[1, 300], Gen.Byte[100, 103].Array[1, 300], Gen.Byte.Array[1025, 2000]), 300, bytes =>
        {
            float[] floats = new float[bytes.Length];
            FloatConversion.ToFloat(type, bytes, floats);
            (float min, float max) = (floats.Min(), floats.Max());

            Distribution expected = Distribution.Of(floats, min, max, Percentages);
            Distribution actual = ByteStatistics.DistributionOf(bytes, ByteLevels.Of(type)!.Value, min, max, Percentages);

            CollectionAssert.AreEqual(expected.Percentiles, actual.Percentiles);
            CollectionAssert.AreEqual(expected.Histogram!.Counts, actual.Histogram!.Counts);
        });

    [TestMethod]
    public void DistributionOf_Nothing_HasNoNumbers()
    {
        Distribution nothing = ByteStatistics.DistributionOf([], new ByteLevels(0), float.NaN, float.NaN, Percentages);
        Assert.IsTrue(nothing.Percentiles.Length == Percentages.Length && nothing.Percentiles.All(double.IsNaN));
        Assert.IsNull(nothing.Histogram);
    }

    // Deviations from the first value, their squares and both sums are whole numbers below 2⁵³ either way.
    private static void AssertEqual(byte[] bytes, ElementType type)
    {
        float[] floats = new float[bytes.Length];
        FloatConversion.ToFloat(type, bytes, floats);
        Assert.AreEqual(TensorStatistics.From(floats), ByteStatistics.Of(bytes, ByteLevels.Of(type)!.Value));
    }
}
