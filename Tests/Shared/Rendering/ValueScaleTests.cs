using CnnOnnx.Rendering;

namespace CnnOnnx.Tests.Rendering;

[TestClass]
public sealed class ValueScaleTests
{
    [TestMethod]
    public void ToIndices_EveryLength_IsTheFormulaForEveryValue()
    {
        var random = new Random(9);
        var scale = new ValueScale(0.3f, 41.7f, 12.25f);
        for (int length = 0; length < 200; length++)
        {
            float[] values = [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() * 10 - 2))];
            byte[] indices = new byte[length];
            scale.ToIndices(values, indices);
            for (int i = 0; i < length; i++)
                Assert.AreEqual(Math.Clamp(MathF.Floor((values[i] - 0.3f) * 41.7f + 12.75f), 0, 255), indices[i], $"{values[i]}");
        }
    }

    [TestMethod]
    public void ToIndices_ValuesThatAreNoPlaces_AreClipped()
    {
        float[] odd = [float.NaN, float.NegativeInfinity, float.PositiveInfinity, float.MinValue, float.MaxValue, -1e-30f];
        float[] values = [.. Enumerable.Repeat(odd, 20).SelectMany(v => v)];
        byte[] indices = new byte[values.Length];
        new ValueScale(0, 255, 0).ToIndices(values, indices);
        for (int i = 0; i < values.Length; i++)
            Assert.AreEqual(i % 6 is 2 or 4 ? 255 : 0, indices[i], $"{values[i]}");
    }

    [TestMethod]
    public void ToIndices_MoreRoomThanValues_LeavesTheRest()
    {
        byte[] indices = [.. Enumerable.Repeat((byte)9, 64)];
        new ValueScale(0, 1, 0).ToIndices(new float[40], indices);
        Assert.IsTrue(indices[..40].All(i => i == 0) && indices[40..].All(i => i == 9));
    }

    [TestMethod]
    public void FromRange_AnyRange_TakesItsEndsToTheEnds()
    {
        (float, float)[] ranges =
            [(0f, 1f), (-3f, 7f), (1000f, 1000.0625f), (-float.MaxValue, float.MaxValue), (-1e-30f, 1e-30f), (0f, 1e-36f)];
        foreach ((float min, float max) in ranges)
        {
            ValueScale scale = ValueScale.FromRange(new ValueRange(min, max));
            Assert.AreEqual((0, 255), (scale.ToIndex(min), scale.ToIndex(max)), $"{min} .. {max}");
            // Half of a range is 127.5, which floats may put on either side.
            Assert.AreEqual(127.5, scale.ToIndex((float)(((double)min + max) / 2)), 0.5, $"{min} .. {max}");
        }
    }

    [TestMethod]
    public void FromRange_NoRange_IsFlat()
    {
        Assert.AreEqual(0, ValueScale.FromRange(new ValueRange(3, 3)).ToIndex(3));
        Assert.AreEqual(0, ValueScale.FromRange(MapFacts.Empty.Range).ToIndex(3));
        Assert.AreEqual(128, ValueScale.Symmetric(0).ToIndex(0));
        Assert.AreEqual(128, ValueScale.Standard(5, 0).ToIndex(5));
        Assert.AreEqual(128, ValueScale.Standard(double.NaN, double.NaN).ToIndex(5));
    }

    [TestMethod]
    public void Of_EveryLength_FindsTheRangeAndWhatIsNotFinite()
    {
        var random = new Random(4);
        for (int length = 1; length < 100; length++)
        {
            float[] values = [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() - 0.5))];
            Assert.AreEqual(new MapFacts(new ValueRange(values.Min(), values.Max()), length, 0, 0), MapFacts.Of(values));
            int at = random.Next(length);
            foreach (float odd in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                float[] spoilt = [.. values];
                spoilt[at] = odd;
                float[] finite = [.. values.Where((_, i) => i != at)];
                MapFacts facts = MapFacts.Of(spoilt);
                Assert.AreEqual(
                    (float.IsNaN(odd) ? 1L : 0L, float.IsNaN(odd) ? 0L : 1L, length > 1),
                    (facts.NanCount, facts.InfinityCount, facts.HasFinite));
                if (length > 1)
                    Assert.AreEqual(new ValueRange(finite.Min(), finite.Max()), facts.Range);
            }
        }
    }
}
