using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CsCheck;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class TensorNumbersTests
{
    [TestMethod]
    public void Of_ABatch_PoolsEachChannelOverItsSamples()
    {
        // [2, 2, 1, 2]: channel 0 has 1 2 and 5 6, channel 1 has 3 4 and 0 8.
        TensorNumbers numbers = TensorNumbers.Of([1, 2, 3, 4, 5, 6, 0, 8], new TensorShape(2, 2, 1, 2));

        Assert.HasCount(2, numbers.Channels);
        Assert.AreEqual((1f, 6f, 3.5), (numbers.Channels[0].Min, numbers.Channels[0].Max, numbers.Channels[0].Mean));
        Assert.AreEqual(
            (0f, 8f, 3.75, 0.25),
            (numbers.Channels[1].Min, numbers.Channels[1].Max, numbers.Channels[1].Mean, numbers.Channels[1].ZeroShare));
        Assert.AreEqual(3.625, numbers.Whole.Mean, 1e-15);
        Assert.AreEqual(3.5, numbers.Percentiles[3]);
        Assert.AreEqual(8, numbers.Histogram!.Counts.Sum());
    }

    [TestMethod]
    public void Of_ChannelsLast_MeasuresTheChannels()
    {
        // [2, 1, 2, 2]: the numbers of the test above, with the channels behind the positions.
        float[] values = [1, 3, 2, 4, 5, 0, 6, 8];
        TensorNumbers numbers = TensorNumbers.Of(values, new TensorShape(2, 1, 2, 2), ChannelLayout.Last);
        TensorNumbers bytes = TensorNumbers.Of(Array.ConvertAll(values, v => (byte)v), ByteLevels.Of(ElementType.UInt8)!.Value,
            new TensorShape(2, 1, 2, 2), ChannelLayout.Last);

        Assert.HasCount(2, numbers.Channels);
        Assert.AreEqual((1f, 6f, 3.5), (numbers.Channels[0].Min, numbers.Channels[0].Max, numbers.Channels[0].Mean));
        Assert.AreEqual(
            (0f, 8f, 3.75, 0.25),
            (numbers.Channels[1].Min, numbers.Channels[1].Max, numbers.Channels[1].Mean, numbers.Channels[1].ZeroShare));
        CollectionAssert.AreEqual(numbers.Channels, bytes.Channels);
    }

    [TestMethod]
    public void Of_ScalarVectorAndNothing_HasChannelsAsTheMosaicHasTiles()
    {
        Assert.HasCount(1, TensorNumbers.Of([3], TensorShape.Scalar).Channels);
        Assert.HasCount(3, TensorNumbers.Of([1, 2, 3], new TensorShape(1, 3)).Channels);
        TensorNumbers nothing = TensorNumbers.Of([], new TensorShape(1, 0, 4, 4));
        Assert.IsEmpty(nothing.Channels);
        Assert.IsNull(nothing.Histogram);
    }

    [TestMethod]
    public void Of_NaNOnly_HasNoHistogram() => Assert.IsNull(TensorNumbers.Of([float.NaN, float.NaN], new TensorShape(1, 2)).Histogram);

    [TestMethod]
    [DataRow(ElementType.UInt8)]
    [DataRow(ElementType.Int8)]
    public void Of_Bytes_AreThoseOfTheirFloats(ElementType type) =>
        Drawn.Check(Gen.Select(Gen.Int[0, 3], Gen.Int[0, 5], Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int), 100, drawn =>
        {
            var shape = new TensorShape(drawn.Item1, drawn.Item2, drawn.Item3, drawn.Item4);
            byte[] bytes = new byte[shape.Count];
            new Random(drawn.Item5).NextBytes(bytes);
            float[] floats = new float[bytes.Length];
            FloatConversion.ToFloat(type, bytes, floats);

            TensorNumbers expected = TensorNumbers.Of(floats, shape), actual = TensorNumbers.Of(bytes, ByteLevels.Of(type)!.Value, shape);

            Assert.AreEqual(expected.Whole, actual.Whole);
            CollectionAssert.AreEqual(expected.Channels, actual.Channels);
            CollectionAssert.AreEqual(expected.Percentiles, actual.Percentiles);
            Assert.AreEqual((expected.Histogram?.Min, expected.Histogram?.Max), (actual.Histogram?.Min, actual.Histogram?.Max));
            CollectionAssert.AreEqual(expected.Histogram?.Counts, actual.Histogram?.Counts);
        });
}
