using System.Collections.Immutable;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>
/// Measures a detector as COCO does: average precision over ten overlaps from 0.5 to 0.95, all categories and 101 recalls.
/// </summary>
public static class CocoEvaluation
{
    // As numpy.linspace makes them, to the last bit: a recall of exactly 0.07 is compared with 7·0.01.
    private static readonly double[] Overlaps = Spaced(0.5, 0.95, 10), Recalls = Spaced(0, 1, 101);

    private static readonly (double Least, double Most)[] Areas = [(0, 1e10), (0, 32 * 32), (32 * 32, 96 * 96), (96 * 96, 1e10)];

    private static readonly int[] MostBoxes = [1, 10, 100];

    // Stands in COCO's code against 0/0.
    private const double Epsilon = 2.220446049250313e-16;

    private const int At50 = 0, At75 = 5, All = 0, Small = 1, Medium = 2, Large = 3, Hundred = 2;

    /// <summary>Compares boxes that were found with those that are there.</summary>
    /// <param name="truths">Boxes that are there, of all pictures.</param>
    /// <param name="found">
    /// Boxes that were found; of a picture and category the 100 with the highest scores count, of equal scores the earlier ones.
    /// </param>
    /// <exception cref="ArgumentException">A side, an area or a score is no number.</exception>
    public static CocoScores Evaluate(IEnumerable<TruthBox> truths, IEnumerable<ScoredBox> found)
    {
        TruthBox[] there = [.. truths];
        ScoredBox[] scored = [.. found];
        if (there.Any(t => !IsFinite(t.Box, t.Area)) || scored.Any(s => !IsFinite(s.Box, s.Score)))
            throw new ArgumentException("Expected finite sides, areas and scores of all boxes.");
        ILookup<int, TruthBox> truthsOf = there.ToLookup(t => t.Category);
        ILookup<int, ScoredBox> foundOf = scored.ToLookup(s => s.Category);
        int[] categories = [.. there.Select(t => t.Category).Concat(scored.Select(s => s.Category)).Distinct().Order()];
        Curves[] curves = [.. categories.Select(category => CurvesOf([.. truthsOf[category]], [.. foundOf[category]]))];
        return new CocoScores
        {
            Ap = Precision(curves, All, null),
            Ap50 = Precision(curves, All, At50),
            Ap75 = Precision(curves, All, At75),
            ApSmall = Precision(curves, Small, null),
            ApMedium = Precision(curves, Medium, null),
            ApLarge = Precision(curves, Large, null),
            Ar1 = Recall(curves, All, 0),
            Ar10 = Recall(curves, All, 1),
            Ar100 = Recall(curves, All, Hundred),
            ArSmall = Recall(curves, Small, Hundred),
            ArMedium = Recall(curves, Medium, Hundred),
            ArLarge = Recall(curves, Large, Hundred),
            Categories = [.. categories.Select((category, i) =>
                new CategoryScores(category, Precision([curves[i]], All, null), Precision([curves[i]], All, At50)))],
        };
    }

    private static bool IsFinite(Rect2d box, double number) => double.IsFinite(box.X + box.Y + box.Width + box.Height + number);

    private static double[] Spaced(double from, double to, int count)
    {
        double step = (to - from) / (count - 1);
        return [.. Enumerable.Range(0, count).Select(i => i == count - 1 ? to : i * step + from)];
    }

    private static Curves CurvesOf(TruthBox[] truths, ScoredBox[] found)
    {
        ILookup<long, TruthBox> truthsIn = truths.ToLookup(t => t.Picture);
        ILookup<long, ScoredBox> foundIn = found.ToLookup(s => s.Picture);
        CocoMatching[] pictures = [.. truths.Select(t => t.Picture).Concat(found.Select(s => s.Picture)).Distinct().Order()
            .Select(picture => new CocoMatching([.. truthsIn[picture]], [.. foundIn[picture]], MostBoxes[^1]))];
        var curves = new Curves();
        for (int area = 0; area < Areas.Length; area++)
        {
            for (int t = 0; t < Overlaps.Length; t++)
            {
                (int Truths, MatchedBox[] Boxes)[] matched = [.. pictures.Select(p => p.Match(Overlaps[t], Areas[area]))];
                int there = matched.Sum(m => m.Truths);
                for (int m = 0; m < MostBoxes.Length && there > 0; m++)
                {
                    MatchedBox[] ranked = [.. matched.SelectMany(p => p.Boxes.Take(MostBoxes[m])).OrderByDescending(b => b.Score)];
                    (double precision, double recall) = Measure(ranked, there);
                    curves.Recall[area, m, t] = recall;
                    if (m == Hundred)
                        curves.Precision[area, t] = precision;
                }
            }
        }

        return curves;
    }

    /// <summary>Mean precision over the 101 recalls, and the recall in the end.</summary>
    /// <param name="ranked">Boxes from the highest score down.</param>
    /// <param name="there">Number of things to be found, at least 1.</param>
    internal static (double Precision, double Recall) Measure(MatchedBox[] ranked, int there)
    {
        var recalls = new List<double>();
        var precisions = new List<double>();
        (int right, int wrong) = (0, 0);
        foreach (MatchedBox box in ranked.Where(b => !b.IsIgnored))
        {
            _ = box.IsMatched ? right++ : wrong++;
            recalls.Add((double)right / there);
            precisions.Add(right / (right + wrong + Epsilon));
        }

        for (int i = precisions.Count - 2; i >= 0; i--)
            precisions[i] = Math.Max(precisions[i], precisions[i + 1]);
        double sum = 0;
        int at = 0;
        foreach (double recall in Recalls)
        {
            while (at < recalls.Count && recalls[at] < recall)
                at++;
            sum += at < recalls.Count ? precisions[at] : 0;
        }

        return (sum / Recalls.Length, recalls.Count > 0 ? recalls[^1] : 0);
    }

    private static double Precision(Curves[] curves, int area, int? overlap) => Mean(curves.SelectMany(c =>
        overlap is { } one ? [c.Precision[area, one]] : Enumerable.Range(0, Overlaps.Length).Select(t => c.Precision[area, t])));

    private static double Recall(Curves[] curves, int area, int most) => Mean(curves.SelectMany(c =>
        Enumerable.Range(0, Overlaps.Length).Select(t => c.Recall[area, most, t])));

    // A category without truths has no say.
    private static double Mean(IEnumerable<double?> values) => values.Average() ?? -1;

    private sealed class Curves
    {
        public double?[,] Precision { get; } = new double?[Areas.Length, Overlaps.Length];

        public double?[,,] Recall { get; } = new double?[Areas.Length, MostBoxes.Length, Overlaps.Length];
    }
}

/// <summary>A box that is in a picture.</summary>
/// <param name="Picture">Number of the picture.</param>
/// <param name="Category">Number of the category.</param>
/// <param name="Box">Left, top, width, height in pixels.</param>
/// <param name="Area">Pixels of the thing itself, which may be fewer than those of its box.</param>
/// <param name="IsCrowd">True for many things in one box: what is found in it counts neither for nor against.</param>
public sealed record TruthBox(long Picture, int Category, Rect2d Box, double Area, bool IsCrowd = false);

/// <summary>A box that was found.</summary>
/// <param name="Picture">Number of the picture.</param>
/// <param name="Category">Number of the category.</param>
/// <param name="Box">Left, top, width, height in pixels.</param>
/// <param name="Score">Score; the order counts, not the value.</param>
public sealed record ScoredBox(long Picture, int Category, Rect2d Box, double Score);

/// <summary>The twelve numbers of COCO, 0 to 1; −1 where there is nothing to find.</summary>
public sealed record CocoScores
{
    /// <summary>Mean average precision over overlaps 0.5 to 0.95: mAP@[.5:.95].</summary>
    public required double Ap { get; init; }

    /// <summary>Mean average precision at an overlap of 0.5: mAP@0.5.</summary>
    public required double Ap50 { get; init; }

    /// <summary>Mean average precision at an overlap of 0.75.</summary>
    public required double Ap75 { get; init; }

    /// <summary>Precision for things up to 32² pixels.</summary>
    public required double ApSmall { get; init; }

    /// <summary>Precision for things from 32² to 96² pixels.</summary>
    public required double ApMedium { get; init; }

    /// <summary>Precision for things from 96² pixels.</summary>
    public required double ApLarge { get; init; }

    /// <summary>Mean recall with one box a picture and category.</summary>
    public required double Ar1 { get; init; }

    /// <summary>Mean recall with ten boxes a picture and category.</summary>
    public required double Ar10 { get; init; }

    /// <summary>Mean recall with a hundred boxes a picture and category.</summary>
    public required double Ar100 { get; init; }

    /// <summary>Mean recall of things up to 32² pixels.</summary>
    public required double ArSmall { get; init; }

    /// <summary>Mean recall of things from 32² to 96² pixels.</summary>
    public required double ArMedium { get; init; }

    /// <summary>Mean recall of things from 96² pixels.</summary>
    public required double ArLarge { get; init; }

    /// <summary>Precision for each category, in the order of their numbers.</summary>
    public required ImmutableArray<CategoryScores> Categories { get; init; }
}

/// <summary>Average precision of one category; −1 where there is nothing of it to find.</summary>
/// <param name="Category">Number of the category.</param>
/// <param name="Ap">Mean over overlaps 0.5 to 0.95.</param>
/// <param name="Ap50">Precision at an overlap of 0.5.</param>
public sealed record CategoryScores(int Category, double Ap, double Ap50);
