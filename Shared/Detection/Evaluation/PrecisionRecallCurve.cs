using System.Collections.Immutable;

namespace CnnOnnx.Detection;

/// <summary>Right and wrong boxes of a detector at every threshold of its scores, at one overlap.</summary>
/// <param name="Category">Number of the category; null for all of them together.</param>
/// <param name="Truths">Number of things that are there to be found.</param>
/// <param name="Points">A point for each score, from the highest threshold down.</param>
public sealed record PrecisionRecallCurve(int? Category, int Truths, ImmutableArray<CurvePoint> Points)
{
    /// <summary>COCO's average precision at this overlap; −1 where there is nothing to find.</summary>
    public required double AveragePrecision { get; init; }

    /// <summary>The point of the highest F1, of equal ones that of the highest threshold; null where nothing was found.</summary>
    public CurvePoint? Best => Points.IsEmpty ? null : Points.MaxBy(point => point.F1);

    /// <summary>The point at a threshold: what is found when boxes have to score more.</summary>
    /// <param name="threshold">Score that a box has to be above.</param>
    public CurvePoint At(double threshold) => Points.LastOrDefault(point => point.Score > threshold,
        new CurvePoint(threshold, threshold, 0, 0, Truths));

    /// <summary>Makes a curve of boxes that are judged.</summary>
    /// <param name="category">Number of the category; null for all of them together.</param>
    /// <param name="truths">Number of things that are there.</param>
    /// <param name="judged">Scores, and whether something is there; in any order.</param>
    internal static PrecisionRecallCurve Of(int? category, int truths, IEnumerable<(double Score, bool IsRight)> judged)
    {
        (double Score, int Right, int Wrong)[] levels = [.. judged.GroupBy(box => box.Score).OrderByDescending(g => g.Key)
            .Select(g => (g.Key, g.Count(box => box.IsRight), g.Count(box => !box.IsRight)))];
        var points = ImmutableArray.CreateBuilder<CurvePoint>(levels.Length);
        (int right, int wrong) = (0, 0);
        for (int i = 0; i < levels.Length; i++)
        {
            (right, wrong) = (right + levels[i].Right, wrong + levels[i].Wrong);
            // between this score and the next, so that it does not matter whether a box has to reach it or to be above it
            double next = i + 1 < levels.Length ? levels[i + 1].Score : Math.Min(0, levels[i].Score);
            points.Add(new CurvePoint(levels[i].Score, (levels[i].Score + next) / 2, right, wrong, truths));
        }

        return new PrecisionRecallCurve(category, truths, points.MoveToImmutable()) { AveragePrecision = -1 };
    }
}

/// <summary>What a detector finds when boxes below a threshold do not count.</summary>
/// <param name="Score">Lowest score of the boxes that count.</param>
/// <param name="Threshold">A threshold that lets these boxes pass and no others.</param>
/// <param name="Right">Boxes where something is.</param>
/// <param name="Wrong">Boxes where nothing is, or what another box has found already.</param>
/// <param name="Truths">Things that are there.</param>
public readonly record struct CurvePoint(double Score, double Threshold, int Right, int Wrong, int Truths)
{
    /// <summary>Share of the boxes that are right; 1 where there are none.</summary>
    public double Precision => Right + Wrong == 0 ? 1 : (double)Right / (Right + Wrong);

    /// <summary>Share of the things that are found; 0 where there are none.</summary>
    public double Recall => Truths == 0 ? 0 : (double)Right / Truths;

    /// <summary>Harmonic mean of precision and recall; 0 where nothing is found.</summary>
    public double F1 => Right == 0 ? 0 : 2.0 * Right / (Right + Wrong + Truths);
}
