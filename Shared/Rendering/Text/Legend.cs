using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>
/// What stands above a picture:
/// <code>
/// title
/// remark   remark   remark
/// ▁▂▃▄▅▆▇ colour bar ▇▇▇▇▇
/// low       middle      high
/// </code>
/// </summary>
/// <param name="Remarks">Flow into as many lines as they need.</param>
/// <param name="Labels">Below the colour bar; no bar when not given.</param>
internal sealed record Legend(string Title, IReadOnlyList<string> Remarks, (string Low, string Middle, string High)? Labels)
{
    /// <summary>Around a picture that has a legend, and between legend and picture, in pixels.</summary>
    public const int Margin = 12;

    /// <summary>Pictures are at least this wide so that the words have room.</summary>
    public const int MinWidth = 400;

    private const int LineGap = 4, BarHeight = 10, Between = 14;

    public static Legend OfNothing(string title, TensorShape shape) => new(title, [$"shape {shape}", "no values"], null);

    /// <summary>Pixels, without the margin.</summary>
    public int HeightAt(int width) =>
        Ink.Title.Height + Lines(width).Count * (Ink.Plain.Height + LineGap) + (Labels is null ? 0 : LineGap + BarHeight + LineGap + Ink.Plain.Height);

    public void Draw(IndexedPicture picture, Point upperLeft, int width)
    {
        (int x, int y) = (upperLeft.X, upperLeft.Y);
        Ink.Write(picture, Ink.Fit(Title, Ink.Title, width), Ink.Title, new Point(x, y));
        y += Ink.Title.Height;
        foreach (string line in Lines(width))
        {
            y += LineGap;
            Ink.Write(picture, line, Ink.Plain, new Point(x, y));
            y += Ink.Plain.Height;
        }

        if (Labels is not var (low, middle, high))
            return;
        y += LineGap;
        Ramp(picture.Pixels.Row(y, x, width));
        for (int row = y + 1; row < y + BarHeight; row++)
            picture.Pixels.Row(y, x, width).CopyTo(picture.Pixels.Row(row, x, width));
        y += BarHeight + LineGap;
        Ink.Write(picture, low, Ink.Plain, new Point(x, y));
        Ink.Write(picture, middle, Ink.Plain, new Point(x + (width - Ink.WidthOf(middle, Ink.Plain)) / 2, y));
        Ink.Write(picture, high, Ink.Plain, new Point(x + width - Ink.WidthOf(high, Ink.Plain), y));
    }

    private static void Ramp(Span<byte> row)
    {
        for (int i = 0; i < row.Length; i++)
            row[i] = (byte)((long)i * (Palette.Size - 1) / Math.Max(1, row.Length - 1));
    }

    private List<string> Lines(int width)
    {
        List<string> lines = [];
        foreach (string remark in Remarks.Where(remark => remark.Length > 0))
        {
            string longer = lines.Count == 0 ? "" : lines[^1] + new string(' ', Between / 4) + remark;
            if (lines.Count > 0 && Ink.WidthOf(longer, Ink.Plain) <= width)
                lines[^1] = longer;
            else
                lines.Add(Ink.Fit(remark, Ink.Plain, width));
        }

        return lines;
    }
}
