using System.Collections.Immutable;

namespace CnnOnnx.Detection;

/// <summary>
/// Precision and recall of a detector at every threshold, for each category and for all together: which threshold to use it with.
/// </summary>
/// <param name="Overlap">Least overlap of a box with what is there.</param>
/// <param name="Categories">A curve for each category that is there or was found, in the order of their numbers.</param>
/// <param name="All">
/// Boxes of all categories with one threshold. Its average precision is that of one list of all boxes, and no mean of the categories.
/// </param>
public sealed record ThresholdSweep(double Overlap, ImmutableArray<PrecisionRecallCurve> Categories, PrecisionRecallCurve All)
{
    // As many of a picture and category as COCO looks at.
    private const int MostBoxes = 100;

    private static readonly (double Least, double Most) AnyArea = (0, 1e10);

    /// <summary>Compares boxes that were found with those that are there, by COCO's rules.</summary>
    /// <param name="truths">Boxes that are there, of all pictures; crowds count neither for nor against.</param>
    /// <param name="found">Boxes that were found, those with low scores too: what is not given is not on the curve.</param>
    /// <param name="overlap">Least overlap (intersection over union) of a box with what is there, above 0 and up to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The overlap is not above 0, or is above 1.</exception>
    public static ThresholdSweep Of(IEnumerable<TruthBox> truths, IEnumerable<ScoredBox> found, double overlap = 0.5)
    {
        if (overlap is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(overlap), overlap, "expected above 0 and up to 1");
        ILookup<int, TruthBox> truthsOf = truths.ToLookup(t => t.Category);
        ILookup<int, ScoredBox> foundOf = found.ToLookup(s => s.Category);
        int[] categories = [.. truthsOf.Select(g => g.Key).Concat(foundOf.Select(g => g.Key)).Distinct().Order()];
        (int There, MatchedBox[] Boxes)[] judged = [.. categories.Select(c => Judge([.. truthsOf[c]], [.. foundOf[c]], overlap))];
        return new ThresholdSweep(overlap,
            [.. categories.Select((c, i) => Curve(c, judged[i].There, judged[i].Boxes))],
            Curve(null, judged.Sum(j => j.There), [.. judged.SelectMany(j => j.Boxes)]));
    }

    private static (int There, MatchedBox[] Boxes) Judge(TruthBox[] truths, ScoredBox[] found, double overlap)
    {
        ILookup<long, TruthBox> truthsIn = truths.ToLookup(t => t.Picture);
        ILookup<long, ScoredBox> foundIn = found.ToLookup(s => s.Picture);
        (int There, MatchedBox[] Boxes)[] pictures = [.. truthsIn.Select(g => g.Key).Concat(foundIn.Select(g => g.Key)).Distinct().Order()
            .Select(p => new CocoMatching([.. truthsIn[p]], [.. foundIn[p]], MostBoxes).Match(overlap, AnyArea))];
        return (pictures.Sum(p => p.There), [.. pictures.SelectMany(p => p.Boxes).Where(box => !box.IsIgnored)]);
    }

    private static PrecisionRecallCurve Curve(int? category, int there, MatchedBox[] boxes) =>
        PrecisionRecallCurve.Of(category, there, boxes.Select(box => (box.Score, box.IsMatched))) with
        {
            AveragePrecision = there == 0 ? -1 : CocoEvaluation.Measure([.. boxes.OrderByDescending(box => box.Score)], there).Precision,
        };
}
