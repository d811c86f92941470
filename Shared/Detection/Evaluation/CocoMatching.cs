using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>Boxes of one category in one picture, matched with what is there by COCO's rules.</summary>
/// <remarks>
/// From the highest score down (of equal scores in the order given) each box takes the free truth that it overlaps most, by at least the
/// threshold; of equal overlaps the later one, and one that counts before one that does not. A crowd, and a truth of another size than is
/// asked for, does not count: what matches it counts neither for nor against, and a crowd can be matched many times. So does a box of
/// another size that matches nothing.
/// </remarks>
internal sealed class CocoMatching
{
    private const double NearlyAll = 1 - 1e-10;

    private readonly TruthBox[] _truths;
    private readonly ScoredBox[] _found;
    private readonly double[,] _overlaps;

    /// <param name="truths">What is there.</param>
    /// <param name="found">What was found.</param>
    /// <param name="most">Boxes that count, those with the highest scores.</param>
    public CocoMatching(TruthBox[] truths, ScoredBox[] found, int most)
    {
        (_truths, _found) = (truths, [.. found.OrderByDescending(box => box.Score).Take(most)]);
        _overlaps = new double[_found.Length, truths.Length];
        for (int d = 0; d < _found.Length; d++)
            for (int g = 0; g < truths.Length; g++)
                _overlaps[d, g] = Overlap(_found[d].Box, truths[g]);
    }

    /// <summary>Matches at one threshold: how many truths count, and what became of each box, from the highest score down.</summary>
    /// <param name="threshold">Least overlap.</param>
    /// <param name="area">Least and most pixels of what counts, both included.</param>
    public (int Truths, MatchedBox[] Boxes) Match(double threshold, (double Least, double Most) area)
    {
        bool[] ignored = Array.ConvertAll(_truths, truth => truth.IsCrowd || truth.Area < area.Least || truth.Area > area.Most);
        int[] order = [.. Enumerable.Range(0, _truths.Length).OrderBy(g => ignored[g])];
        bool[] taken = new bool[_truths.Length];
        var boxes = new MatchedBox[_found.Length];
        for (int d = 0; d < boxes.Length; d++)
        {
            int match = BestOf(d, order, ignored, taken, Math.Min(threshold, NearlyAll));
            double size = _found[d].Box.Width * _found[d].Box.Height;
            boxes[d] = new MatchedBox(_found[d].Score, match >= 0,
                match >= 0 ? ignored[match] : size < area.Least || size > area.Most, match);
            if (match >= 0)
                taken[match] = true;
        }

        return (ignored.Count(i => !i), boxes);
    }

    private int BestOf(int box, int[] order, bool[] ignored, bool[] taken, double least)
    {
        int best = -1;
        foreach (int truth in order)
        {
            if (taken[truth] && !_truths[truth].IsCrowd)
                continue;
            if (best >= 0 && !ignored[best] && ignored[truth])
                break;
            if (_overlaps[box, truth] < least)
                continue;
            (best, least) = (truth, _overlaps[box, truth]);
        }

        return best;
    }

    // Of a crowd a box need only be a part.
    private static double Overlap(Rect2d box, TruthBox truth)
    {
        double width = Math.Min(box.Right, truth.Box.Right) - Math.Max(box.Left, truth.Box.Left);
        double height = Math.Min(box.Bottom, truth.Box.Bottom) - Math.Max(box.Top, truth.Box.Top);
        if (width <= 0 || height <= 0)
            return 0;
        double common = width * height, own = box.Width * box.Height;
        return common / (truth.IsCrowd ? own : own + truth.Box.Width * truth.Box.Height - common);
    }
}

/// <summary>What became of a box that was found.</summary>
/// <param name="Score">Its score.</param>
/// <param name="IsMatched">It is where something is.</param>
/// <param name="IsIgnored">It counts neither for nor against.</param>
/// <param name="Truth">Index of what is there; −1 where nothing is.</param>
internal readonly record struct MatchedBox(double Score, bool IsMatched, bool IsIgnored, int Truth = -1);
