using CnnOnnx.Statistics;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class DyadicBlocksTests
{
    /// <summary>The referee is the tree itself, walked down from its root.</summary>
    [TestMethod]
    public void Total_AnyShares_IsTheTreesToTheLastBit()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            int count = random.Next(1, 300), parts = random.Next(1, 9);
            var values = new SortedDictionary<long, double>();
            for (int number = 0; number < count; number++)
                if (random.Next(6) > 0)
                    values[number] = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-8, 8));
            double? expected = Tree(values, 0, 1 << 20);

            int[] cuts = [0, .. Enumerable.Range(0, parts - 1).Select(_ => random.Next(count + 1)).Order(), count];
            var all = new DyadicBlocks<double[]>(0, Join);
            for (int part = 0; part < parts; part++)
            {
                var own = new DyadicBlocks<double[]>(cuts[part], Join);
                foreach ((long number, double value) in values.Where(v => v.Key >= cuts[part] && v.Key < cuts[part + 1]))
                    own.Add(number, [value]);
                Assert.IsLessThanOrEqualTo(2 * Math.Log2(count + 1) + 2, own.Blocks.Count, "A part keeps few blocks.");
                foreach (DyadicBlocks<double[]>.Block block in own.Blocks)
                    all.Add(block);
            }

            Assert.AreEqual(expected, all.Total()?[0], $"{count} numbers in {parts} parts, seed {seed}");
        }
    }

    // The order counts: else there would be nothing to show.
    [TestMethod]
    public void Total_OneAfterAnother_WouldBeOther()
    {
        double[] values = [.. Enumerable.Range(1, 100).Select(i => 1.0 / i)];
        var blocks = new DyadicBlocks<double[]>(0, Join);
        for (int i = 0; i < values.Length; i++)
            blocks.Add(i, [values[i]]);
        Assert.AreNotEqual(values.Sum(), blocks.Total()![0]);
        Assert.AreEqual(values.Sum(), blocks.Total()![0], 1e-14);
    }

    [TestMethod]
    public void Total_OfNothing_IsNull() => Assert.IsNull(new DyadicBlocks<double[]>(0, Join).Total());

    private static double[] Join(double[] left, double[] right) => [left[0] + right[0]];

    private static double? Tree(SortedDictionary<long, double> values, long start, long length)
    {
        if (!values.Keys.Any(number => number >= start && number < start + length))
            return null;
        if (length == 1)
            return values[start];
        (double? left, double? right) = (Tree(values, start, length / 2), Tree(values, start + length / 2, length / 2));
        return left is null ? right : right is null ? left : left + right;
    }
}
