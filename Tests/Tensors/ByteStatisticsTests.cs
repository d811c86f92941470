using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CsCheck;

namespace CnnOnnx.Tests.Tensors;

[TestClass]
public sealed class ByteStatisticsTests
{
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

    // Deviations from the first value, their squares and both sums are whole numbers below 2⁵³ either way.
    private static void AssertEqual(byte[] bytes, ElementType type)
    {
        float[] floats = new float[bytes.Length];
        FloatConversion.ToFloat(type, bytes, floats);
        Assert.AreEqual(TensorStatistics.From(floats), ByteStatistics.Of(bytes, ByteLevels.Of(type)!.Value));
    }
}
