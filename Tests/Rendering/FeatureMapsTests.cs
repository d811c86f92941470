using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Rendering;

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
}
