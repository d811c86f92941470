using CnnOnnx.Statistics;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class ProjectionTests
{
    [TestMethod]
    public void Of_AnyMaps_AreDotProductsWithTheRandomVectors()
    {
        var random = new Random(5);
        // Remainders of the maps and of the positions that are taken together, and more than one block of positions.
        foreach ((int count, int area) in new[] { (1, 1), (7, 49), (8, 20), (9, 20), (19, 600) })
        {
            float[] vectors = Vectors(area);
            float[] maps = [.. Enumerable.Range(0, count * area).Select(_ => random.NextSingle() * 4 - 1)];

            float[] products = Projection.Of(maps, area);

            Assert.HasCount(count * Projection.Count, products);
            for (int i = 0; i < products.Length; i++)
            {
                double expected = 0, sizes = 0;
                for (int place = 0; place < area; place++)
                {
                    (int map, int vector) = (i / Projection.Count, i % Projection.Count);
                    double term = (double)maps[map * area + place] * vectors[place * Projection.Count + vector];
                    (expected, sizes) = (expected + term, sizes + Math.Abs(term));
                }

                // Each addition of floats may be off by 2⁻²⁴ of a sum, which is not larger than that of all sizes; by chance they
                // do not all go one way.
                Assert.AreEqual(expected, products[i], 1e-6 * sizes, $"{count} maps of {area}, {i}");
            }
        }
    }

    [TestMethod]
    public void Of_EqualMaps_AreEqualWhereverTheyStand()
    {
        var random = new Random(6);
        float[] map = [.. Enumerable.Range(0, 777).Select(_ => random.NextSingle())];
        float[] alone = Projection.Of(map, map.Length);
        float[] many = Projection.Of([.. Enumerable.Repeat(map, 19).SelectMany(m => m)], map.Length);
        for (int i = 0; i < many.Length; i++)
            Assert.AreEqual(alone[i % Projection.Count], many[i], $"map {i / Projection.Count}");
    }

    [TestMethod]
    public void Of_LongerMaps_MeetVectorsThatStartTheSame()
    {
        float[] before = Vectors(30);
        float[] longer = new float[5000];
        longer[29] = 1;
        CollectionAssert.AreEqual(before[^Projection.Count..], Projection.Of(longer, longer.Length));
    }

    [TestMethod]
    public void OfOnes_IsWhatAMapOfOnesGives()
    {
        float[] ones = new float[1300];
        Array.Fill(ones, 1);
        // The same additions in the same order.
        for (int k = 0; k < Projection.Count; k++)
            Assert.AreEqual(Projection.Of(ones, ones.Length)[k], Projection.OfOnes(ones.Length)[k]);
    }

    [TestMethod]
    public void Of_NoValues_IsNothing() => Assert.IsEmpty(Projection.Of([], 0));

    // Of a map that is 1 in one place and 0 elsewhere, the products are that place of each vector.
    private static float[] Vectors(int area)
    {
        float[] units = new float[area * area];
        for (int i = 0; i < area; i++)
            units[i * area + i] = 1;
        return Projection.Of(units, area);
    }
}
