using System.Text;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>Text in index pictures: light on a dark box, in the palette's own colours.</summary>
internal static class Ink
{
    public static TextStyle Title { get; } = new(HersheyFonts.HersheyDuplex, 0.5, 13, 5);

    public static TextStyle Plain { get; } = new(HersheyFonts.HersheySimplex, 0.4, 11, 4);

    public static TextStyle Tiny { get; } = new(HersheyFonts.HersheySimplex, 0.33, 9, 3);

    /// <summary>OpenCV's fonts have ASCII only; a question mark stands for everything else.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            clean.Append(rune.IsAscii && !Rune.IsControl(rune) ? (char)rune.Value : '?');
        return clean.ToString();
    }

    /// <summary>Pixels.</summary>
    public static int WidthOf(string text, TextStyle style) =>
        text.Length == 0 ? 0 : Cv2.GetTextSize(Clean(text), style.Font, style.Scale, 1, out _).Width + 1;

    /// <summary>Cut in the middle to this many pixels, because names differ at their ends.</summary>
    public static string Fit(string text, TextStyle style, int width)
    {
        if (WidthOf(text, style) <= width)
            return text;
        (int least, int most) = (0, Math.Min(text.Length, Math.Max(0, width)));
        while (least < most)
        {
            int middle = (least + most + 1) / 2;
            if (WidthOf(Cut(text, middle), style) <= width)
                least = middle;
            else
                most = middle - 1;
        }

        return least == 0 ? "" : Cut(text, least);
    }

    /// <summary>The text on the background, as indices; the caller disposes it.</summary>
    public static Mat Draw(string text, TextStyle style, Palette palette)
    {
        var drawn = new Mat(style.Height, Math.Max(1, WidthOf(text, style)), MatType.CV_8UC1);
        drawn.AsSpan<byte>().Clear();
        Cv2.PutText(drawn, Clean(text), new Point(0, style.Ascent), style.Font, style.Scale, Scalar.White, 1, LineTypes.AntiAlias);
        // Until here how much of a pixel is covered.
        ReadOnlySpan<byte> ink = palette.Ink;
        foreach (ref byte pixel in drawn.AsSpan<byte>())
            pixel = ink[pixel];
        return drawn;
    }

    /// <summary>Writes onto a picture; what does not fit there is cut off.</summary>
    public static void Write(IndexedPicture picture, string text, TextStyle style, Point upperLeft)
    {
        if (text.Length == 0)
            return;
        using Mat drawn = Draw(text, style, picture.Palette);
        Paste(picture, drawn, upperLeft);
    }

    public static void Paste(IndexedPicture picture, Mat drawn, Point upperLeft)
    {
        Rect seen = new Rect(upperLeft, drawn.Size()).Intersect(new Rect(0, 0, picture.Width, picture.Height));
        if (seen.Width <= 0 || seen.Height <= 0)
            return;
        using Mat from = drawn.SubMat(new Rect(seen.Location - upperLeft, seen.Size));
        using Mat to = picture.Indices.SubMat(seen);
        from.CopyTo(to);
    }

    private static string Cut(string text, int keep) => $"{text[..(keep / 2)]}...{text[^(keep - keep / 2)..]}";
}
