using System.Text.Json;
using CnnOnnx.Detection;
using CnnOnnx.Files;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Figures;

namespace CnnOnnx.Trainer.Evaluation;

/// <summary>
/// Files of an evaluation:
/// <code>
/// metrics.json   all figures
/// curves.png     precision over recall, class by class
/// worst.png      the pictures with the most mistakes, with what was missed and what is not there
/// coco.json      all boxes in COCO's result format, with the set's own numbers where it has them
/// </code>
/// </summary>
internal static class DetectorReport
{
    /// <summary>Writes the files.</summary>
    /// <param name="folder">Path of the folder; made when it is missing.</param>
    /// <param name="title">Stands over the figures.</param>
    /// <param name="metrics">All figures, as JSON.</param>
    /// <exception cref="BadInputException">The place cannot be written.</exception>
    public static void Write(string folder, string title, object metrics, DetectorTrial trial, DetectorScores scores, BoxFolder set)
    {
        using var place = new OutputFolder(folder);
        AtomicFile.WriteText(Path.Combine(folder, "metrics.json"), JsonSerializer.Serialize(metrics, JsonSettings.Indented) + "\n");
        AtomicFile.WriteBytes(Path.Combine(folder, "curves.png"), PrecisionRecallFigure.Draw(title, scores.Sweep, set.Classes));
        if (WorstPictures(trial, scores) is { Length: > 0 } worst)
            AtomicFile.WriteBytes(Path.Combine(folder, "worst.png"), BoxMistakeSheet.Draw(worst, set.Classes));
        AtomicFile.Write(Path.Combine(folder, "coco.json"), stream => WriteCoco(stream, trial, set));
        place.Complete();
    }

    private static BoxMistakes[] WorstPictures(DetectorTrial trial, DetectorScores scores)
    {
        double threshold = scores.Best?.Score ?? 0;
        return [.. PictureMatches.Of(trial.Truths, trial.Found.Where(box => box.Score > threshold))
            .Where(picture => picture.Mistakes > 0)
            .OrderByDescending(picture => picture.Mistakes).ThenByDescending(picture => picture.Wrong.Sum(box => box.Score))
            .Take(BoxMistakeSheet.MostPictures).Select(picture => new BoxMistakes(
                trial.Pictures[picture.Picture].Path, trial.Pictures[picture.Picture].Size, picture))];
    }

    private static void WriteCoco(Stream stream, DetectorTrial trial, BoxFolder set)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartArray();
        foreach (ScoredBox box in trial.Found)
        {
            json.WriteStartObject();
            json.WriteNumber("image_id", trial.Pictures[box.Picture].Number ?? box.Picture);
            json.WriteNumber("category_id", set.Numbers?[box.Category - 1] ?? box.Category);
            json.WriteStartArray("bbox");
            foreach (double number in new[] { box.Box.X, box.Box.Y, box.Box.Width, box.Box.Height })
                json.WriteNumberValue(Math.Round(number, 3));
            json.WriteEndArray();
            json.WriteNumber("score", Math.Round(box.Score, 6));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
