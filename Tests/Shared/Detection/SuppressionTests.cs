using CnnOnnx.Detection;
using CsCheck;

namespace CnnOnnx.Tests.Detection;

[TestClass]
public sealed class SuppressionTests
{
    private static readonly BoxCorners Square = new(0, 0, 10, 10);

    [TestMethod]
    public void Overlap_IsIntersectionOverUnion()
    {
        // 50 of 150; 1 of 199; touching and apart.
        Assert.AreEqual(1 / 3.0, BoxCorners.Overlap(Square, new(5, 0, 15, 10)), 1e-15);
        Assert.AreEqual(1 / 199.0, BoxCorners.Overlap(Square, new(9, 9, 19, 19)), 1e-15);
        Assert.AreEqual(0, BoxCorners.Overlap(Square, new(10, 0, 20, 10)));
        Assert.AreEqual(0, BoxCorners.Overlap(Square, new(20, 20, 30, 30)));
        Assert.AreEqual(1, BoxCorners.Overlap(Square, Square));
    }

    [TestMethod]
    public void Keep_DropsWhatOverlapsMore_AndOnlyMore()
    {
        List<Candidate> found = [At(new(5, 0, 15, 10), 0.5, row: 0), At(Square, 0.9, row: 1)];

        Assert.HasCount(2, Suppression.Keep([.. found], 1 / 3.0, false, 10));
        CollectionAssert.AreEqual(new[] { 0.9 }, Suppression.Keep([.. found], 0.333, false, 10).Select(k => k.Score).ToArray());
    }

    [TestMethod]
    public void Keep_OtherClasses_CompeteOnlyWhenAsked()
    {
        List<Candidate> found = [At(Square, 0.9, row: 0, category: 1), At(Square, 0.8, row: 1, category: 2)];

        Assert.HasCount(2, Suppression.Keep([.. found], 0.5, false, 10));
        Assert.AreEqual(1, Suppression.Keep([.. found], 0.5, true, 10).Single().Class);
    }

    [TestMethod]
    public void Keep_OfEqualScores_TheEarlierInTheHeadIsFirst()
    {
        // A chain: each overlaps the next only, so that who is first decides who is left.
        List<Candidate> found = [At(new(12, 0, 22, 10), 0.5, row: 2), At(new(6, 0, 16, 10), 0.5, row: 1), At(Square, 0.5, row: 0)];

        CollectionAssert.AreEqual(new[] { 0, 2 }, Suppression.Keep(found, 0.2, false, 10).Select(k => k.Row).ToArray());
    }

    [TestMethod]
    public void Keep_ADroppedBox_DropsNoOther()
    {
        // The third overlaps the second, which the first drops.
        List<Candidate> found = [At(Square, 0.9, row: 0), At(new(4, 0, 14, 10), 0.8, row: 1), At(new(8, 0, 18, 10), 0.7, row: 2)];

        CollectionAssert.AreEqual(new[] { 0, 2 }, Suppression.Keep(found, 0.4, false, 10).Select(k => k.Row).ToArray());
    }

    [TestMethod]
    public void Keep_StopsAtTheMost()
    {
        List<Candidate> found = [.. Enumerable.Range(0, 50).Select(i => At(new(i * 20, 0, i * 20 + 10, 10), i / 50.0, row: i))];

        CollectionAssert.AreEqual(new[] { 49, 48, 47 }, Suppression.Keep(found, 0.5, false, 3).Select(k => k.Row).ToArray());
    }

    [TestMethod]
    public void Keep_WithoutALimit_KeepsAll() =>
        Assert.HasCount(2, Suppression.Keep([At(Square, 0.9, row: 0), At(Square, 0.8, row: 1)], null, true, 10));

    /// <summary>The definition, word by word: a box stays if none that stays and comes before it overlaps it too much.</summary>
    [TestMethod]
    public void Keep_IsTheDefinition() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40], Gen.Int[1, 30], Gen.Int[1, 30], Gen.Int[0, 4], Gen.Int[0, 1]).Array[0, 40]
            .Sample(made =>
            {
                Candidate[] all = [.. made.Select((m, row) =>
                    At(new(m.Item1, m.Item2, m.Item1 + m.Item3, m.Item2 + m.Item4), m.Item5 / 4.0, row, m.Item6))];
                Candidate[] ranked = [.. all.OrderByDescending(c => c.Score).ThenBy(c => c.Row)];
                bool[] stays = new bool[ranked.Length];
                for (int i = 0; i < ranked.Length; i++)
                    stays[i] = !Enumerable.Range(0, i).Any(j => stays[j] && ranked[j].Class == ranked[i].Class
                        && BoxCorners.Overlap(ranked[j].Box, ranked[i].Box) > 0.3);

                CollectionAssert.AreEqual(ranked.Where((_, i) => stays[i]).ToArray(),
                    Suppression.Keep([.. all], 0.3, false, 100).ToArray());
            }, iter: 300, seed: "0N0XIzNsQ0O2");

    private static Candidate At(BoxCorners box, double score, int row, int category = 0) => new(box, score, category, 0, row, category);
}
