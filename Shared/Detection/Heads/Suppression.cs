namespace CnnOnnx.Detection;

/// <summary>
/// Non-maximum suppression: of boxes that show the same thing the best one stays.
/// </summary>
/// <remarks>
/// Boxes are taken from the highest score down; of equal scores the one that stands earlier in the head (level, row, class) is first,
/// whatever the sort. A box is dropped when it overlaps one that was kept, of the same class unless all classes compete, by more than
/// the limit: an overlap of exactly the limit stays. No more than <see cref="MostCandidates"/> best boxes are looked at, and it ends
/// when enough are kept, so that the time is at most the product of the two.
/// </remarks>
internal static class Suppression
{
    /// <summary>Boxes that are compared, the best ones; what is behind them is dropped.</summary>
    public const int MostCandidates = 30_000;

    /// <summary>Chooses the boxes that stay, from the highest score down.</summary>
    /// <param name="candidates">Boxes in the order of the head; sorted in place.</param>
    /// <param name="limit">Overlap (intersection over union) above which the lower score goes; null where the graph has done this.</param>
    /// <param name="acrossClasses">Boxes of different classes compete, too.</param>
    /// <param name="most">Boxes that are kept at most.</param>
    public static List<Candidate> Keep(List<Candidate> candidates, double? limit, bool acrossClasses, int most)
    {
        candidates.Sort((a, b) => b.Score != a.Score ? b.Score.CompareTo(a.Score)
            : a.Level != b.Level ? a.Level.CompareTo(b.Level)
            : a.Row != b.Row ? a.Row.CompareTo(b.Row)
            : a.Column.CompareTo(b.Column));
        var kept = new List<Candidate>();
        foreach (Candidate candidate in candidates.Take(MostCandidates))
        {
            if (kept.Count == most)
                break;
            if (limit is null || !IsCovered(candidate, kept, limit.Value, acrossClasses))
                kept.Add(candidate);
        }

        return kept;
    }

    private static bool IsCovered(in Candidate candidate, List<Candidate> kept, double limit, bool acrossClasses)
    {
        foreach (Candidate better in kept)
            if ((acrossClasses || better.Class == candidate.Class) && BoxCorners.Overlap(better.Box, candidate.Box) > limit)
                return true;
        return false;
    }
}
