using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Writes words into colour pictures, in the letters of all other pictures.</summary>
internal static class PictureText
{
    // Thin strokes cover hardly any pixel wholly.
    private const float Boldness = 1.35f;

    // Pixels by which a text that is too long is cut shorter.
    private const int Step = 4;

    private static readonly char[] Breaks = ['/', '.', '_', '-', ' '];

    /// <summary>Writes one line; what does not fit into the picture is cut off.</summary>
    /// <param name="picture">8UC3.</param>
    /// <param name="text">The line; cut in the middle where it is too long.</param>
    /// <param name="style">Letters.</param>
    /// <param name="upperLeft">Place of the first letter's upper left corner.</param>
    /// <param name="colour">Colour of the letters.</param>
    /// <param name="width">Most pixels of the line.</param>
    public static unsafe void Write(Mat picture, string text, TextStyle style, Point upperLeft, Vec3b colour, int width)
    {
        string line = TextPainter.Clean(TextPainter.Fit(Spelled(text), style, width));
        int length = TextPainter.WidthOf(line, style);
        if (length == 0)
            return;
        byte[] coverage = new byte[length * style.Height];
        int at = 0;
        foreach (char letter in line)
        {
            style.Draw(letter, coverage, length, at);
            at += style.AdvanceOf(letter);
        }

        int lastRow = Math.Min(style.Height, picture.Rows - upperLeft.Y), lastColumn = Math.Min(length, picture.Cols - upperLeft.X);
        for (int y = Math.Max(0, -upperLeft.Y); y < lastRow; y++)
        {
            var row = (Vec3b*)picture.Ptr(upperLeft.Y + y);
            for (int x = Math.Max(0, -upperLeft.X); x < lastColumn; x++)
            {
                float share = Math.Min(1, coverage[y * length + x] * Boldness / 255);
                row[upperLeft.X + x] = AttributionColours.Mix(row[upperLeft.X + x], colour, share);
            }
        }
    }

    /// <summary>Breaks a text into lines, behind one of / . _ - or a space where there is one in the later half of a line.</summary>
    /// <param name="text">The text; line breaks of its own stay.</param>
    /// <param name="style">Letters.</param>
    /// <param name="width">Most pixels of a line.</param>
    /// <param name="most">Most lines for each line of the text; what is longer is cut in the middle.</param>
    public static string[] Wrap(string text, TextStyle style, int width, int most) =>
        [.. Spelled(text).Split('\n').SelectMany(line => WrapLine(line, style, width, most))];

    private static string[] WrapLine(string line, TextStyle style, int width, int most)
    {
        List<string> lines = [];
        for (string rest = line; lines.Count < most;)
        {
            int length = LengthOf(rest, style, width);
            if (length == rest.Length)
                return [.. lines, rest];
            int mark = rest.LastIndexOfAny(Breaks, length - 1);
            int cut = mark >= length / 2 ? mark + 1 : length;
            lines.Add(rest[..cut].TrimEnd());
            rest = rest[cut..];
        }

        // Names differ at their ends: the middle goes, as little of it as can be.
        for (int room = width * most; room > width; room -= Step)
            if (WrapAnywhere(TextPainter.Fit(line, style, room), style, width) is { } fitted && fitted.Length <= most)
                return fitted;
        return [TextPainter.Fit(line, style, width)];
    }

    private static string[] WrapAnywhere(string line, TextStyle style, int width)
    {
        List<string> lines = [];
        for (string rest = line; rest.Length > 0; rest = rest[lines[^1].Length..])
            lines.Add(rest[..LengthOf(rest, style, width)]);
        return [.. lines];
    }

    // Letters that fit, at least one.
    private static int LengthOf(string text, TextStyle style, int width)
    {
        int length = text.Length;
        while (length > 1 && TextPainter.WidthOf(text[..length], style) > width)
            length--;
        return length;
    }

    // The letters are ASCII alone.
    private static string Spelled(string text) => text.Replace('−', '-').Replace("…", "..").Replace('×', 'x').Replace("²", "^2");
}
