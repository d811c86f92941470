using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CsCheck;

namespace CnnOnnx.Tests.Tensors;

[TestClass]
public sealed class ByteCountsTests
{
    private static readonly double[] Percentages = [0, 1, 37.5, 50, 99, 100];

    [TestMethod]
    [DataRow(ElementType.UInt8)]
    [DataRow(ElementType.Int8)]
    public void PercentilesAndHistogram_OfAnyBytes_AreThoseOfTheirFloats(ElementType type) =>
        Drawn.Check(Gen.OneOf(Gen.Byte.Array[1, 300], Gen.Byte[100, 103].Array[1, 300]), 300, bytes =>
        {
            float[] floats = new float[bytes.Length];
            FloatConversion.ToFloat(type, bytes, floats);
            (float min, float max) = (floats.Min(), floats.Max());
            var counts = new ByteCounts(bytes, ByteLevels.Of(type)!.Value);

            CollectionAssert.AreEqual(Percentiles.Of(floats, Percentages), counts.PercentilesOf(Percentages));
            CollectionAssert.AreEqual(Histogram.Of(floats, min, max).Counts, counts.ToHistogram(min, max).Counts);
            // Not all values are in these bins.
            CollectionAssert.AreEqual(Histogram.Of(floats, min + 1, max, 7).Counts, counts.ToHistogram(min + 1, max, 7).Counts);
        });

    [TestMethod]
    public void PercentilesOf_Nothing_IsNaN() =>
        Assert.IsTrue(new ByteCounts([], new ByteLevels(0)).PercentilesOf(Percentages).All(double.IsNaN));
}
