using System.Globalization;
using OpenCvSharp;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// A label file of YOLO: a line for each box, of class, centre x, centre y, width and height as shares of the picture's sides; or of class
/// and the corners of an outline, whose box is taken.
/// </summary>
internal static class YoloLabels
{
    private const int BoxColumns = 5, LeastOutlineColumns = 7;

    // Shares that are a little too large come of rounding or of boxes at an edge, these come of pixels.
    private const double MostShare = 2;

    /// <summary>Boxes of a picture; empty for a file without lines.</summary>
    /// <param name="path">The label file.</param>
    /// <param name="picture">Width and height of the picture.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="notes">Gets what is wrong.</param>
    public static LabelledBox[] Read(string path, Size picture, int classes, LabelNotes notes)
    {
        var boxes = new List<LabelledBox>();
        string[] lines = SetFiles.Text(path).Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string[] columns = lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            string where = $"{path}:{i + 1}";
            if (columns.Length == 0 || Parse(columns, where, notes) is not { } numbers)
                continue;
            if (notes.Check(where, (int)numbers[0], BoxOf(numbers, picture), picture, classes) is not { } box)
                continue;
            if (boxes.Contains(box))
                notes.Tell($"{where}: the same box a second time; it counts once");
            else
                boxes.Add(box);
        }

        return [.. boxes];
    }

    private static double[]? Parse(string[] columns, string where, LabelNotes notes)
    {
        if (columns.Length != BoxColumns && (columns.Length < LeastOutlineColumns || columns.Length % 2 == 0))
        {
            notes.Refuse(where, $"{columns.Length} columns, expected {BoxColumns}: class, centre x, centre y, width, height");
            return null;
        }

        double[] numbers = [.. columns.Select(c =>
            double.TryParse(c, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN)];
        int odd = Array.FindIndex(numbers, n => !double.IsFinite(n));
        if (odd >= 0)
            notes.Refuse(where, $"'{columns[odd]}' is no number");
        else if (numbers[0] != Math.Floor(numbers[0]) || Math.Abs(numbers[0]) > int.MaxValue)
            notes.Refuse(where, $"class '{columns[0]}', expected a whole number");
        else if (numbers.Skip(1).Any(n => Math.Abs(n) > MostShare))
            notes.Refuse(where, $"{columns[1 + Array.FindIndex(numbers[1..], n => Math.Abs(n) > MostShare)]} is no share of the picture's "
                + "side, expected 0 to 1");
        else
            return numbers;
        return null;
    }

    private static Rect2d BoxOf(double[] numbers, Size picture)
    {
        if (numbers.Length == BoxColumns)
            return Scaled(numbers[1] - (numbers[3] / 2), numbers[2] - (numbers[4] / 2), numbers[3], numbers[4], picture);
        double[] across = [.. numbers.Skip(1).Where((_, i) => i % 2 == 0)], down = [.. numbers.Skip(1).Where((_, i) => i % 2 == 1)];
        return Scaled(across.Min(), down.Min(), across.Max() - across.Min(), down.Max() - down.Min(), picture);
    }

    private static Rect2d Scaled(double x, double y, double width, double height, Size picture) =>
        new(x * picture.Width, y * picture.Height, width * picture.Width, height * picture.Height);
}
