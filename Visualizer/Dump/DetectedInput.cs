using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Pages;
using CnnOnnx.Visualizer.Manifest;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Boxes that a detector finds in an input of a dump, and the picture of them.</summary>
internal static class DetectedInput
{
    private const string File = "boxes.jpg";

    /// <summary>The reader of a detector's boxes; null for a model that is none, or whose class names do not fit.</summary>
    /// <param name="model">The model.</param>
    /// <param name="labels">Names of the classes; null for those that the model names.</param>
    /// <param name="run">A run, which says the shapes that the file leaves open; null for none.</param>
    public static DetectionReader? ReaderOf(OnnxModel model, IReadOnlyList<string>? labels, Activations? run = null)
    {
        try
        {
            return DetectionReader.Find(model, new DetectorOptions { Labels = labels }, run);
        }
        catch (BadInputException)
        {
            return null;
        }
    }

    /// <summary>Finds boxes and draws them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="labels">Names of the classes; null for those that the model names.</param>
    /// <param name="part">A run on the picture, or the part of it with the outputs.</param>
    /// <param name="picture">The picture as it was given.</param>
    /// <param name="folder">Folder for the picture of the boxes.</param>
    /// <returns>Null where the part has not what the boxes are made of.</returns>
    public static BoxesRecord? Write(OnnxModel model, IReadOnlyList<string>? labels, Activations part, Mat? picture, string folder)
    {
        if (picture is null || part.Preprocessing is null || ReaderOf(model, labels, part) is not { } reader
            || reader.Tensors.Any(name => part.All(tensor => tensor.Name != name)))
            return null;
        Detections found = reader.Read(part, picture.Size());
        using Mat drawn = BoxOverlay.Render(picture, found);
        using Mat small = Thumbnail.Of(drawn);
        PictureFile.Write(Path.Combine(folder, File), small);
        IReadOnlyList<ScoreMap> maps = reader.MapsOf(part);
        double highest = Math.Max(1e-6, maps.SelectMany(map => map.Scores).DefaultIfEmpty(1).Max());
        return new BoxesRecord(reader.Layout, new WrittenPicture(File, small.Width, small.Height),
            [.. found.Boxes.Select(box => new BoxRecord(box.Label, box.Score, box.Box.X, box.Box.Y, box.Box.Width, box.Box.Height)
            {
                Cell = box.Origin.Cell,
            })])
        {
            Levels = [.. maps.Select(map => Write(map, highest, picture, found, folder))],
        };
    }

    private static LevelRecord Write(ScoreMap map, double highest, Mat picture, Detections found, string folder)
    {
        using Mat drawn = LevelPicture.Draw(map, highest, picture, found);
        string file = $"level{map.Level + 1}.jpg";
        PictureFile.Write(Path.Combine(folder, file), drawn);
        return new LevelRecord(map.Columns, map.Rows, map.IsObjectness, map.Scores.Max(),
            new WrittenPicture(file, drawn.Width, drawn.Height));
    }
}
