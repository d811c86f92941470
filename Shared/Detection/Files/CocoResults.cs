using System.Globalization;
using System.Text.Json;

namespace CnnOnnx.Detection;

/// <summary>
/// Boxes in COCO's result format: [{image_id, category_id, bbox [x, y, width, height], score}]. The number of a picture is its name where
/// all names are different numbers, as COCO's are (000000000139.jpg); else its place among the inputs, from 1.
/// </summary>
internal sealed class CocoResults
{
    private readonly List<string> _pictures = [];
    private readonly List<Row> _rows = [];

    public void Add(string picture, Detections found, Func<DetectedBox, int> numberOf)
    {
        foreach (DetectedBox box in found.Boxes)
            _rows.Add(new Row(_pictures.Count, numberOf(box), (float)box.Box.X, (float)box.Box.Y, (float)box.Box.Width,
                (float)box.Box.Height, (float)box.Score));
        _pictures.Add(picture);
    }

    public void Write(Stream stream)
    {
        long[] numbers = Numbers();
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartArray();
        foreach (Row row in _rows)
        {
            json.WriteStartObject();
            json.WriteNumber("image_id", numbers[row.Picture]);
            json.WriteNumber("category_id", row.Category);
            json.WriteStartArray("bbox");
            foreach (float number in new[] { row.X, row.Y, row.Width, row.Height })
                json.WriteNumberValue(Math.Round((double)number, 3));
            json.WriteEndArray();
            json.WriteNumber("score", Math.Round((double)row.Score, 6));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private long[] Numbers()
    {
        long[] named = [.. _pictures.Select(name => long.TryParse(Path.GetFileName(name), NumberStyles.None, CultureInfo.InvariantCulture,
            out long number) ? number : -1)];
        return !named.Contains(-1) && named.Distinct().Count() == named.Length ? named
            : [.. Enumerable.Range(1, _pictures.Count).Select(place => (long)place)];
    }

    // Floats, because a long video has many of them.
    private readonly record struct Row(int Picture, int Category, float X, float Y, float Width, float Height, float Score);
}
