using System.Collections.Immutable;

namespace CnnOnnx.Detection;

/// <summary>What a detector has got right and wrong in one picture.</summary>
/// <param name="Picture">Number of the picture.</param>
/// <param name="Right">Boxes where something of their category is.</param>
/// <param name="Wrong">Boxes where nothing of their category is, or what another box has found already.</param>
/// <param name="Missed">What no box has found.</param>
public sealed record PictureMatches(
    long Picture, ImmutableArray<ScoredBox> Right, ImmutableArray<ScoredBox> Wrong, ImmutableArray<TruthBox> Missed)
{
    /// <summary>Number of mistakes: wrong boxes and missed things.</summary>
    public int Mistakes => Wrong.Length + Missed.Length;

    /// <summary>Compares boxes with what is there, picture by picture, by COCO's rules. Crowds count neither for nor against.</summary>
    /// <param name="truths">Boxes that are there, of all pictures.</param>
    /// <param name="found">Boxes that were found and count: those above the threshold that a detector is used with.</param>
    /// <param name="overlap">Least overlap (intersection over union) of a box with what is there.</param>
    /// <returns>A result for each picture that has a box of either kind, in the order of their numbers.</returns>
    public static ImmutableArray<PictureMatches> Of(IEnumerable<TruthBox> truths, IEnumerable<ScoredBox> found, double overlap = 0.5)
    {
        ILookup<(long, int), TruthBox> truthsOf = truths.ToLookup(t => (t.Picture, t.Category));
        ILookup<(long, int), ScoredBox> foundOf = found.ToLookup(s => (s.Picture, s.Category));
        var matched = truthsOf.Select(g => g.Key).Concat(foundOf.Select(g => g.Key)).Distinct().Order()
            .Select(key => (key.Item1, Match([.. truthsOf[key]], [.. foundOf[key]], overlap)));
        return [.. matched.GroupBy(m => m.Item1, m => m.Item2).Select(picture => new PictureMatches(picture.Key,
            [.. picture.SelectMany(m => m.Right)], [.. picture.SelectMany(m => m.Wrong)], [.. picture.SelectMany(m => m.Missed)]))];
    }

    private static (IEnumerable<ScoredBox> Right, IEnumerable<ScoredBox> Wrong, IEnumerable<TruthBox> Missed) Match(
        TruthBox[] truths, ScoredBox[] found, double overlap)
    {
        MatchedBox[] boxes = new CocoMatching(truths, found, int.MaxValue).Match(overlap, (0, 1e10)).Boxes;
        ScoredBox[] ranked = [.. found.OrderByDescending(box => box.Score)];
        HashSet<int> taken = [.. boxes.Where(box => box.IsMatched).Select(box => box.Truth)];
        return (ranked.Where((_, i) => boxes[i] is { IsIgnored: false, IsMatched: true }),
            ranked.Where((_, i) => boxes[i] is { IsIgnored: false, IsMatched: false }),
            truths.Where((truth, i) => !truth.IsCrowd && !taken.Contains(i)));
    }
}
