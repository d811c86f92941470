using CnnOnnx.Rendering;

namespace CnnOnnx.Tests.Rendering;

/// <summary>A byte a value: how far off it may be, and that the vectors' way and the single values' are the same.</summary>
[TestClass]
public sealed class MapCodesTests
{
    [TestMethod]
    [DataRow(40, 2.0, "no tails")]
    [DataRow(4000, 2.0, "no tails, of many values")]
    [DataRow(4000, 9.0, "long tails")]
    public void Encode_Map_LosesAtMostALevelOfItsRangeAndOfItsMiddle(int count, double power, string what)
    {
        var random = new Random(3);
        float[] map = [.. Enumerable.Range(0, count)
            .Select(_ => (float)Math.Pow(random.NextDouble() * 2 - 1, power) * 50 + random.NextSingle())];
        var codes = MapCodes.Of(map);
        byte[] encoded = new byte[count];
        codes.Encode(map, encoded);
        double[] book = Book(codes);
        ValueRange range = codes.Range, middle = codes.Middle;
        // Half of the distance of two codes, at most a level of either range; and the rounding of floats.
        double ofRange = 1.02 * ((double)range.Max - range.Min) / 255 + 1e-5;
        double ofMiddle = 1.02 * ((double)middle.Max - middle.Min) / 255 + 1e-5;
        for (int i = 0; i < count; i++)
        {
            double off = Math.Abs(book[encoded[i]] - map[i]);
            Assert.IsLessThanOrEqualTo(ofRange, off, what);
            if (map[i] >= middle.Min && map[i] <= middle.Max)
                Assert.IsLessThanOrEqualTo(ofMiddle, off, what);
        }

        byte[] alone = new byte[1];
        for (int i = 0; i < count; i++)
        {
            codes.Encode(map.AsSpan(i, 1), alone);
            Assert.AreEqual(alone[0], encoded[i], "by itself");
        }
    }

    [TestMethod]
    public void Encode_ValuesThatAreNotFinite_HaveTheLastCode()
    {
        float[] map = [0, 1, float.NaN, float.PositiveInfinity, 2];
        var codes = MapCodes.Of(map);
        byte[] encoded = new byte[map.Length];
        codes.Encode(map, encoded);
        CollectionAssert.AreEqual(new byte[] { 0, 127, 255, 255, 254 }, encoded);
        MapCodes.Of([float.NaN]).Encode([float.NaN], encoded.AsSpan(0, 1));
        Assert.AreEqual(255, encoded[0]);
    }

    [TestMethod]
    public void Of_MostlyZeros_HasItsOwnRange()
    {
        float[] map = new float[1000];
        map[5] = 7;
        Assert.AreEqual(new ValueRange(0, 7), RobustRange.Of(map, new ValueRange(0, 7)));
        Assert.AreEqual(new ValueRange(3, 3), RobustRange.Of([3, 3, 3], new ValueRange(3, 3)));
        // Of 0 … 999 those are the values of these ranks.
        float[] ramp = [.. Enumerable.Range(0, 1000).Select(i => (float)i)];
        Assert.AreEqual(new ValueRange(9, 990), RobustRange.Of(ramp, new ValueRange(0, 999)));
    }

    // What values.js does.
    private static double[] Book(MapCodes codes)
    {
        (double min, double low, double high, double max) = (codes.Range.Min, codes.Middle.Min, codes.Middle.Max, codes.Range.Max);
        double width = max - min, below = (low - min) / width, above = (max - high) / width, middle = 1 - below - above;
        double lows = Math.Ceiling(255 * below / (2 - middle)), highs = Math.Ceiling(255 * above / (2 - middle));
        double middles = 255 - lows - highs;
        return [.. Enumerable.Range(0, 256).Select(code => code < lows ? min + code * (low - min) / lows
            : code <= lows + middles ? low + (code - lows) * (high - low) / middles
            : high + (code - lows - middles) * (max - high) / highs)];
    }
}
