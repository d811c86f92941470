using CnnOnnx.Cli;
using CnnOnnx.Detection;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Training;

namespace CnnOnnx.Trainer.Evaluation;

/// <summary>Measures a detector on a set of boxes, prints the figures and writes the files.</summary>
/// <param name="model">The detector.</param>
/// <param name="set">Pictures with boxes.</param>
/// <param name="part">The part to measure with.</param>
internal sealed class DetectorEvaluation(OnnxModel model, BoxFolder set, BoxSetPart part)
{
    /// <summary>Score that a box has to be above where nobody says another: curves need the low ones, too.</summary>
    public const double UsualConfidence = 0.001;

    private const int MostNotes = 8;

    /// <summary>Pictures in a run, as far as the model takes so many.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>The folder for figures and boxes; null for none.</summary>
    public string? Out { get; init; }

    /// <summary>Runs the detector over all pictures.</summary>
    /// <param name="options">Which boxes count, and how it runs.</param>
    /// <exception cref="BadInputException">The model's head is not known, or has no class in common with the data.</exception>
    public void Run(DetectorOptions options, Terminal terminal, CancellationToken cancel)
    {
        foreach (string remark in set.Remarks.Take(MostNotes))
            terminal.Note(remark);
        if (set.Remarks.Count > MostNotes)
            terminal.Note($"{set.Remarks.Count - MostNotes} more notes on the labels");
        using var detector = Detector.Open(model, options);
        DetectionReader reader = detector.Reader;
        int[] boxes = new int[set.Classes.Length];
        foreach (LabelledBox box in part.Pictures.SelectMany(p => p.Boxes))
            boxes[box.Class]++;
        var classes = DetectorClasses.Pair(model.Source, reader.Labels, reader.Classes, set.Classes, boxes);
        terminal.Note($"device: {detector.Device}{(detector.DeviceRemark is { } why ? $" ({why})" : "")}");
        terminal.Note($"head: {reader.Layout}; boxes above {reader.Confidence}, "
            + (reader.Overlap is { } overlap ? $"overlap {overlap}" : "suppression in the graph"));
        terminal.Note($"input: {detector.PreprocessingFor(part.Pictures[0].Size)}");
        foreach (string note in classes.Notes)
            terminal.Note(note);
        DetectorTrial trial;
        using (Progress bar = terminal.Start("detecting", part.Pictures.Length, "pictures"))
            trial = DetectorTrial.Run(detector, part, classes, Batch, () => bar.Advance(), cancel);
        foreach (string fault in trial.Unreadable.Take(MostNotes))
            terminal.Note($"left out: {fault}");
        var scores = DetectorScores.Of(trial, set.Classes, classes.IsMeasured);
        foreach (string line in scores.Lines($"{trial.Pictures.Count:N0}{(part.Name == PictureFolder.Undivided ? "" : $" {part.Name}")} "
            + (trial.Pictures.Count == 1 ? "picture" : "pictures")))
            terminal.Result(line);
        object metrics = Metrics(detector, trial, scores);
        if (Out is not null)
        {
            string title = $"{Path.GetFileNameWithoutExtension(model.Source)} on {set.Name}"
                + (part.Name == PictureFolder.Undivided ? "" : $", {part.Name}");
            DetectorReport.Write(Out, title, metrics, trial, scores, set);
            terminal.Result();
            terminal.Result($"written to {Out}");
        }

        terminal.JsonResult(metrics);
    }

    private object Metrics(Detector detector, DetectorTrial trial, DetectorScores scores)
    {
        CocoScores coco = scores.Coco;
        return new
        {
            Model = model.Source,
            Data = set.Folder,
            set.Format,
            Part = part.Name,
            Pictures = trial.Pictures.Count,
            Boxes = scores.Truths,
            detector.Reader.Layout,
            detector.Reader.Confidence,
            detector.Reader.Overlap,
            Input = detector.PreprocessingFor(part.Pictures[0].Size),
            detector.Device,
            NetworkMilliseconds = trial.Milliseconds / Math.Max(1, trial.Pictures.Count),
            Map50 = DetectorScores.Known(coco.Ap50),
            Map = DetectorScores.Known(coco.Ap),
            Map75 = DetectorScores.Known(coco.Ap75),
            MapSmall = DetectorScores.Known(coco.ApSmall),
            MapMedium = DetectorScores.Known(coco.ApMedium),
            MapLarge = DetectorScores.Known(coco.ApLarge),
            Ar1 = DetectorScores.Known(coco.Ar1),
            Ar10 = DetectorScores.Known(coco.Ar10),
            Ar100 = DetectorScores.Known(coco.Ar100),
            Threshold = scores.Best,
            scores.Classes,
            trial.Unreadable,
        };
    }
}
