using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Tensors;

[TestClass]
public sealed class FeatureMapsTests
{
    [TestMethod]
    [DataRow(new long[] { 1, 6, 28, 27 }, 6, 28, 27, false)]
    [DataRow(new long[] { 2, 3, 4, 5, 6 }, 12, 5, 6, false)]
    [DataRow(new long[] { 1, 2, 2, 2, 3, 4 }, 8, 3, 4, false)]
    [DataRow(new long[] { 3, 8, 9 }, 3, 8, 9, false)]
    [DataRow(new long[] { 1, 197, 768 }, 1, 197, 768, false)]
    [DataRow(new long[] { 1, 10 }, 10, 1, 1, true)]
    [DataRow(new long[] { 10 }, 10, 1, 1, true)]
    [DataRow(new long[] { }, 1, 1, 1, true)]
    [DataRow(new long[] { 1, 512, 1, 1 }, 512, 1, 1, true)]
    [DataRow(new long[] { 512, 1, 1 }, 512, 1, 1, true)]
    [DataRow(new long[] { 1, 8, 1, 200 }, 8, 1, 200, false)]
    [DataRow(new long[] { 1, 0, 3, 3 }, 0, 3, 3, false)]
    [DataRow(new long[] { 1, 4, 0, 3 }, 0, 0, 3, false)]
    [DataRow(new long[] { 0, 4, 2, 3 }, 0, 2, 3, false)]
    [DataRow(new long[] { 0 }, 0, 1, 1, true)]
    public void Of_Shape_IsSoManyMaps(long[] dims, int count, int height, int width, bool isVector)
    {
        var shape = new TensorShape(dims);
        Assert.AreEqual(new FeatureMaps(0, count, height, width, isVector), FeatureMaps.Of(new float[shape.Count], shape, 0));
    }

    [TestMethod]
    public void Of_SampleOfABatch_StartsWhereItLies()
    {
        Assert.AreEqual(2 * 3 * 20, FeatureMaps.Of(new float[3 * 3 * 20], new(3, 3, 4, 5), 2).Offset);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => FeatureMaps.Of(new float[3 * 3 * 20], new(3, 3, 4, 5), 3));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => FeatureMaps.Of(new float[20], new(20), -1));
    }

    [TestMethod]
    public void Of_OtherNumberOfValues_IsRefused() =>
        Assert.AreEqual("A tensor [1, 2, 3] has 6 values, got 5.",
            Assert.ThrowsExactly<ArgumentException>(() => FeatureMaps.Of(new float[5], new(1, 2, 3), 0)).Message);

    [TestMethod]
    [DataRow(new long[] { 1, 28, 27, 6 }, 6, 28, 27, false)]
    [DataRow(new long[] { 2, 3, 4, 5, 6 }, 18, 4, 5, false)]
    [DataRow(new long[] { 8, 9, 3 }, 3, 8, 9, false)]
    [DataRow(new long[] { 1, 10 }, 10, 1, 1, true)]
    [DataRow(new long[] { 1, 1, 1, 512 }, 512, 1, 1, true)]
    [DataRow(new long[] { 1, 1, 200, 8 }, 8, 1, 200, false)]
    [DataRow(new long[] { 1, 3, 3, 0 }, 0, 3, 3, false)]
    [DataRow(new long[] { 0, 2, 3, 4 }, 0, 2, 3, false)]
    public void Of_ChannelsLast_IsSoManyMaps(long[] dims, int count, int height, int width, bool isVector)
    {
        var shape = new TensorShape(dims);
        FeatureMaps maps = FeatureMaps.Of(new float[shape.Count], shape, 0, ChannelLayout.Last);
        Assert.AreEqual((count, height, width, isVector), (maps.Count, maps.Height, maps.Width, maps.IsVector));
    }

    [TestMethod]
    [DataRow(2, 1, 5, 7, 3)]
    [DataRow(2, 1, 40, 50, 70)]
    [DataRow(1, 1, 4, 4, 1)]
    [DataRow(2, 3, 4, 5, 6)]
    public void Planes_ChannelsLast_AreThoseOfTheTensorWithItsChannelsFirst(int samples, int depth, int height, int width, int channels)
    {
        int positions = depth * height * width;
        float[] last = new float[samples * positions * channels], first = new float[last.Length];
        for (int n = 0; n < samples; n++)
            for (int p = 0; p < positions; p++)
                for (int c = 0; c < channels; c++)
                    last[(n * positions + p) * channels + c] = first[(n * channels + c) * positions + p] = n * 100_000 + c * 1000 + p;
        var lastShape = new TensorShape(samples, depth, height, width, channels);
        var firstShape = new TensorShape(samples, channels, depth, height, width);
        for (int n = 0; n < samples; n++)
        {
            FeatureMaps expected = FeatureMaps.Of(first, firstShape, n), maps = FeatureMaps.Of(last, lastShape, n, ChannelLayout.Last);
            Assert.AreEqual(expected.Count, maps.Count);
            CollectionAssert.AreEqual(expected.Planes<float>(first).ToArray(), maps.Planes<float>(last).ToArray());
            for (int map = 0; map < maps.Count; map++)
                CollectionAssert.AreEqual(expected.Plane<float>(first, map).ToArray(), maps.Plane<float>(last, map).ToArray(), $"{map}");
        }
    }
}
