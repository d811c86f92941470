using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class TopPicturesTests
{
    /// <summary>The referee is the sorted list of all pictures.</summary>
    [TestMethod]
    public void Add_InAnyOrderAndParts_KeepsTheLargestAndOfEqualOnesTheFirst()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            (float Value, long Number)[] pictures = [.. Enumerable.Range(0, random.Next(1, 60))
                .Select(i => (i % 9 == 8 ? float.NaN : (float)random.Next(-6, 6), (long)i))];
            var expected = pictures.Where(p => !float.IsNaN(p.Value)).OrderByDescending(p => p.Value).ThenBy(p => p.Number)
                .Take(TopPictures.Most).ToArray();
            random.Shuffle(pictures);
            var all = new TopPictures(2);
            foreach ((float Value, long Number)[] part in pictures.Chunk(7))
            {
                var own = new TopPictures(2);
                foreach ((float value, long number) in part)
                    own.Add(1, value, number);
                all.Add(own);
            }

            CollectionAssert.AreEqual(expected, all.Of(1).ToArray());
            Assert.IsEmpty(all.Of(0));
        }
    }
}
