using CnnOnnx.Rendering;

namespace CnnOnnx.Tests.Rendering;

[TestClass]
public sealed class RobustRangeTests
{
    // Sorting finds the same values; a map of up to 4,096 is looked at in full.
    [TestMethod]
    [DataRow(2)]
    [DataRow(49)]
    [DataRow(63)]
    [DataRow(64)]
    [DataRow(196)]
    [DataRow(3136)]
    [DataRow(4096)]
    public void Of_MapsOfEveryKind_IsTheSortedValuesAtBothPercentiles(int length)
    {
        var random = new Random(length);
        foreach ((string kind, Func<int, float> value) in new (string, Func<int, float>)[]
        {
            ("even", _ => random.NextSingle() - 0.5f),
            ("rectified", _ => Math.Max(0, random.NextSingle() - 0.6f)),
            ("mostly zero", i => i % 97 == 0 ? random.NextSingle() : 0),
            ("long tails", _ => MathF.Pow(random.NextSingle() - 0.5f, 9)),
            ("few levels", _ => random.Next(4)),
            ("an outlier", i => i == 1 ? 1e30f : random.NextSingle()),
            ("widest", i => i % 2 == 0 ? float.MaxValue : -float.MaxValue * random.NextSingle()),
            ("narrowest", _ => random.Next(3) * float.Epsilon),
            ("some not finite", i => i % 5 == 0 ? float.NaN : i % 7 == 0 ? float.PositiveInfinity : random.NextSingle()),
        })
        {
            float[] map = [.. Enumerable.Range(0, length).Select(value)];
            ValueRange own = MapFacts.Of(map).Range;
            float[] sorted = [.. map.Where(float.IsFinite).Order()];
            if (!(own.Max > own.Min))
                continue;
            var expected = new ValueRange(
                sorted[(int)(0.01 * (sorted.Length - 1))], sorted[(int)Math.Ceiling(0.99 * (sorted.Length - 1))]);
            Assert.AreEqual(expected.Max > expected.Min ? expected : own, RobustRange.Of(map, own), $"{kind}, {length}");
        }
    }
}
