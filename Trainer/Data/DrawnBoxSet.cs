using System.Globalization;
using System.Text.Json;
using CnnOnnx.Files;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Data;

/// <summary>
/// A drawn set of pictures with boxes, in three parts, with the labels of YOLO and of COCO.
/// <code>
/// images/train/0001.png      annotations/instances_train.json
/// labels/train/0001.txt      data.yaml
/// </code>
/// </summary>
internal static class DrawnBoxSet
{
    /// <summary>Draws the set into a new folder.</summary>
    /// <param name="folder">Appears when all is drawn.</param>
    /// <param name="parts">Names of the parts, and pictures of each.</param>
    /// <param name="side">Width and height of the pictures.</param>
    /// <param name="progress">Told of each picture.</param>
    /// <returns>Number of boxes.</returns>
    /// <exception cref="BadInputException">Something is there already, or the place cannot be written.</exception>
    public static int Draw(string folder, (string Name, int Count)[] parts, int side, int seed, Action? progress, CancellationToken cancel)
    {
        int boxes = 0;
        NewSetFolder.Fill(folder, beside =>
        {
            var random = new Random(seed);
            foreach ((string name, int count) in parts)
            {
                var drawn = new List<DrawnBox[]>();
                for (int i = 1; i <= count; i++)
                {
                    cancel.ThrowIfCancellationRequested();
                    (Mat picture, DrawnBox[] found) = BoxPictures.Draw(random, side);
                    using (picture)
                    {
                        Cv2.ImEncode(".png", picture, out byte[] bytes);
                        AtomicFile.WriteBytes(Path.Combine(beside, "images", name, $"{i:0000}.png"), bytes);
                    }

                    AtomicFile.WriteText(Path.Combine(beside, "labels", name, $"{i:0000}.txt"), Lines(found, side));
                    drawn.Add(found);
                    boxes += found.Length;
                    progress?.Invoke();
                }

                AtomicFile.Write(Path.Combine(beside, "annotations", $"instances_{name}.json"), stream => WriteCoco(stream, drawn, side));
            }

            AtomicFile.WriteText(Path.Combine(beside, "data.yaml"), string.Concat(parts.Select(p => $"{p.Name}: images/{p.Name}\n"))
                + $"nc: {BoxPictures.Classes.Count}\nnames: [{string.Join(", ", BoxPictures.Classes)}]\n");
        });
        return boxes;
    }

    private static string Lines(DrawnBox[] boxes, int side) => string.Concat(boxes.Select(b => string.Create(CultureInfo.InvariantCulture,
        $"{b.Class} {(b.Box.X + (b.Box.Width / 2.0)) / side:0.000000} {(b.Box.Y + (b.Box.Height / 2.0)) / side:0.000000} "
        + $"{(double)b.Box.Width / side:0.000000} {(double)b.Box.Height / side:0.000000}\n")));

    private static void WriteCoco(Stream stream, List<DrawnBox[]> pictures, int side)
    {
        using var json = new Utf8JsonWriter(stream);
        int number = 0;
        JsonSerializer.Serialize(json, new
        {
            images = pictures.Select((_, i) => new { id = i + 1, file_name = $"{i + 1:0000}.png", width = side, height = side }),
            annotations = pictures.SelectMany((boxes, i) => boxes.Select(b => new
            {
                id = ++number,
                image_id = i + 1,
                category_id = b.Class + 1,
                bbox = new[] { b.Box.X, b.Box.Y, b.Box.Width, b.Box.Height },
                area = b.Box.Width * b.Box.Height,
                iscrowd = 0,
            })),
            categories = BoxPictures.Classes.Select((name, c) => new { id = c + 1, name }),
        });
    }
}
