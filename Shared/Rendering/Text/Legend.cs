using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>
/// Words and colour bar above a picture:
/// <code>
/// title
/// remark   remark   remark
/// low ▁▂▃▄▅▆▇ high
/// </code>
/// </summary>
/// <param name="Title">First line, in larger letters.</param>
/// <param name="Remarks">Words that flow into as many lines as they need.</param>
/// <param name="Labels">Words at the ends of the colour bar, and of its middle, which is only marked; null for no bar.</param>
internal sealed record Legend(string Title, IReadOnlyList<string> Remarks, (string Low, string Middle, string High)? Labels)
{
    /// <summary>Pixels around a picture that has a legend, and between legend and picture.</summary>
    public const int Margin = 12;

    /// <summary>Pictures are at least this wide so that the words have room.</summary>
    public const int MinWidth = 400;

    private const int LineGap = 4, BarHeight = 8, BarWidth = 160, Between = 16;

    public static Legend OfNothing(string title, TensorShape shape) => new(title, [$"shape {shape}", "no values"], null);

    /// <summary>Measures the height in pixels, without the margin.</summary>
    /// <param name="width">Pixels that a line may have.</param>
    public int HeightAt(int width) => TextPainter.Title.Height
        + Lines(width).Count * (TextPainter.Plain.Height + LineGap)
        + (Labels is null ? 0 : LineGap + TextPainter.Plain.Height);

    public void Draw(IndexedPicture picture, Point upperLeft, int width)
    {
        (int x, int y) = (upperLeft.X, upperLeft.Y);
        TextPainter.Write(picture, TextPainter.Fit(Title, TextPainter.Title, width), TextPainter.Title, new Point(x, y));
        y += TextPainter.Title.Height;
        foreach (string line in Lines(width))
        {
            y += LineGap;
            TextPainter.Write(picture, line, TextPainter.Plain, new Point(x, y));
            y += TextPainter.Plain.Height;
        }

        if (Labels is not var (low, middle, high))
            return;
        y += LineGap;
        x += Put(low, x);
        var bar = new Rect(x, y + (TextPainter.Plain.Height - BarHeight) / 2, Math.Min(BarWidth, width / 2), BarHeight);
        for (int row = bar.Top; row < bar.Bottom; row++)
            Ramp(picture.Pixels.Row(row, bar.X, bar.Width), picture.Palette);
        // The middle of a scale around zero is marked, not named: it is zero.
        if (middle.Length > 0)
            picture.Pixels.Fill(new Rect(bar.X + bar.Width / 2, bar.Bottom + 1, 1, 3), picture.Palette.Ink);
        Put(high, bar.Right + Between / 2);

        int Put(string label, int left)
        {
            TextPainter.Write(picture, label, TextPainter.Plain, new Point(left, y));
            return TextPainter.WidthOf(label, TextPainter.Plain) + Between / 2;
        }
    }

    private static void Ramp(Span<byte> row, Palette palette)
    {
        for (int i = 0; i < row.Length; i++)
            row[i] = (byte)((long)i * (Palette.Size - 1) / Math.Max(1, row.Length - 1));
        palette.Reserve(row);
    }

    private List<string> Lines(int width)
    {
        List<string> lines = [];
        foreach (string remark in Remarks.Where(remark => remark.Length > 0))
        {
            string longer = lines.Count == 0 ? "" : lines[^1] + new string(' ', Between / 4) + remark;
            if (lines.Count > 0 && TextPainter.WidthOf(longer, TextPainter.Plain) <= width)
                lines[^1] = longer;
            else
                lines.Add(TextPainter.Fit(remark, TextPainter.Plain, width));
        }

        return lines;
    }
}
