using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Writes words into colour pictures, in the letters of all other pictures.</summary>
internal static class PictureText
{
    // Thin strokes cover hardly any pixel wholly.
    private const float Boldness = 1.35f;

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

    // The letters are ASCII alone.
    private static string Spelled(string text) => text.Replace('−', '-').Replace("…", "..").Replace('×', 'x').Replace("²", "^2");
}
