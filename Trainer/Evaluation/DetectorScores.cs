using System.Globalization;
using CnnOnnx.Cli;
using CnnOnnx.Detection;

namespace CnnOnnx.Trainer.Evaluation;

/// <summary>Figures of a detector on a data set: COCO's, and each class's with the threshold to use it with.</summary>
/// <param name="Coco">COCO's twelve numbers.</param>
/// <param name="Sweep">Precision and recall at every threshold, at an overlap of 0.5.</param>
/// <param name="Classes">Figures of each class that was measured.</param>
internal sealed record DetectorScores(CocoScores Coco, ThresholdSweep Sweep, IReadOnlyList<ClassFigures> Classes)
{
    /// <summary>Measures what was found.</summary>
    /// <param name="names">Names of the set's classes.</param>
    /// <param name="isMeasured">True for each that the detector knows.</param>
    public static DetectorScores Of(DetectorTrial trial, string[] names, bool[] isMeasured)
    {
        CocoScores coco = CocoEvaluation.Evaluate(trial.Truths, trial.Found);
        var sweep = ThresholdSweep.Of(trial.Truths, trial.Found);
        Dictionary<int, CategoryScores> scores = coco.Categories.ToDictionary(c => c.Category);
        Dictionary<int, PrecisionRecallCurve> curves = sweep.Categories.ToDictionary(c => c.Category!.Value);
        return new DetectorScores(coco, sweep, [.. Enumerable.Range(0, names.Length).Where(c => isMeasured[c]).Select(c =>
        {
            CategoryScores? own = scores.GetValueOrDefault(c + 1);
            PrecisionRecallCurve? curve = curves.GetValueOrDefault(c + 1);
            return new ClassFigures(names[c], curve?.Truths ?? 0, Known(own?.Ap50), Known(own?.Ap), Threshold.Of(curve?.Best));
        })]);
    }

    /// <summary>Number of things that are there.</summary>
    public int Truths => Sweep.All.Truths;

    /// <summary>Threshold of the highest F1 over all classes; null where nothing was found.</summary>
    public Threshold? Best => Threshold.Of(Sweep.All.Best);

    /// <summary>The figures as lines.</summary>
    /// <param name="pictures">Words for the pictures, such as "200 test pictures".</param>
    public IEnumerable<string> Lines(string pictures)
    {
        yield return $"mAP@0.5 {Number(Coco.Ap50)}, mAP@0.5:0.95 {Number(Coco.Ap)} on {pictures} with {Truths:N0} "
            + (Truths == 1 ? "box" : "boxes");
        yield return $"mAP@0.75 {Number(Coco.Ap75)}; small {Number(Coco.ApSmall)}, medium {Number(Coco.ApMedium)}, large "
            + $"{Number(Coco.ApLarge)} (up to 32², up to 96², above); recall of 100 boxes {Number(Coco.Ar100)}";
        if (Best is { } best)
            yield return $"best threshold over all classes: {Number(best.Score)}, with precision {Number(best.Precision)}, recall "
                + $"{Number(best.Recall)}, F1 {Number(best.F1)} at an overlap of 0.5";
        yield return "";
        var table = new TextTable("class", ">boxes", ">AP@0.5", ">AP@0.5:0.95", ">threshold", ">precision", ">recall", ">F1");
        ClassFigures[] there = [.. Classes.Where(c => c.Boxes > 0)];
        foreach (ClassFigures row in there)
            table.Add(row.Class, $"{row.Boxes}", Number(row.Ap50), Number(row.Ap), Number(row.Best?.Score), Number(row.Best?.Precision),
                Number(row.Best?.Recall), Number(row.Best?.F1));
        foreach (string line in table.Lines())
            yield return line;
        if (there.Length < Classes.Count)
            yield return Classes.Count - there.Length == 1 ? "1 more class has no box here"
                : $"{Classes.Count - there.Length} more classes have no box here";
    }

    /// <summary>COCO's −1, of what is not there, as nothing.</summary>
    public static double? Known(double? value) => value is < 0 ? null : value;

    private static string Number(double? value) => Known(value)?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "–";
}

/// <summary>Figures of a class.</summary>
/// <param name="Boxes">Number of things of it that are there.</param>
/// <param name="Ap50">Average precision at an overlap of 0.5; null where there is none.</param>
/// <param name="Ap">Mean over overlaps 0.5 to 0.95; null where there is none.</param>
/// <param name="Best">Threshold of the highest F1; null where nothing of it was found.</param>
internal sealed record ClassFigures(string Class, int Boxes, double? Ap50, double? Ap, Threshold? Best);

/// <summary>A threshold of scores, and what it gives.</summary>
internal sealed record Threshold(double Score, double Precision, double Recall, double F1)
{
    /// <summary>The threshold of a point; null where nothing is found at any.</summary>
    public static Threshold? Of(CurvePoint? point) =>
        point is { F1: > 0 } p ? new Threshold(p.Threshold, p.Precision, p.Recall, p.F1) : null;
}
