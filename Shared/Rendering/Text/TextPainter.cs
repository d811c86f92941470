using System.Buffers;
using System.Text;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>Paints text into index pictures: ink on a box of the ground.</summary>
internal static class TextPainter
{
    public static TextStyle Title => GlyphAtlas.Style(0);

    public static TextStyle Plain => GlyphAtlas.Style(1);

    public static TextStyle Tiny => GlyphAtlas.Style(2);

    /// <summary>Replaces what the font does not have by question marks: it has Latin, Greek and Cyrillic letters.</summary>
    public static string Clean(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
            return text;
        TextStyle style = Plain;
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            clean.Append(rune.IsBmp && style.Has((char)rune.Value) ? (char)rune.Value : TextStyle.Missing);
        return clean.ToString();
    }

    /// <summary>Measures a text's width in pixels.</summary>
    public static int WidthOf(string text, TextStyle style)
    {
        // One more for the width of the last stroke.
        int width = text.Length == 0 ? 0 : 1;
        foreach (char letter in Clean(text))
            width += style.AdvanceOf(letter);
        return width;
    }

    /// <summary>Cuts a text in the middle to a number of pixels, because names differ at their ends.</summary>
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

    /// <summary>Draws a text on the background.</summary>
    public static DrawnText Draw(string text, TextStyle style, Palette palette)
    {
        var size = new Size(Math.Max(1, WidthOf(text, style)), style.Height);
        byte[] indices = new byte[size.Width * size.Height];
        Draw(text, style, palette, indices, size.Width);
        return new DrawnText(indices, size);
    }

    /// <summary>Writes onto a picture; what does not fit there is cut off.</summary>
    public static void Write(IndexedPicture picture, string text, TextStyle style, Point upperLeft)
    {
        if (text.Length == 0)
            return;
        var size = new Size(WidthOf(text, style), style.Height);
        byte[] rented = ArrayPool<byte>.Shared.Rent(size.Width * size.Height);
        Draw(text, style, picture.Palette, rented.AsSpan(0, size.Width * size.Height), size.Width);
        new DrawnText(rented, size).Paste(picture, upperLeft);
        ArrayPool<byte>.Shared.Return(rented);
    }

    private static void Draw(string text, TextStyle style, Palette palette, Span<byte> pixels, int width)
    {
        pixels.Clear();
        int x = 0;
        foreach (char letter in Clean(text))
        {
            style.Draw(letter, pixels, width, x);
            x += style.AdvanceOf(letter);
        }

        // Until here how much of a pixel is covered.
        ReadOnlySpan<byte> shades = palette.TextShades;
        foreach (ref byte pixel in pixels)
            pixel = shades[pixel];
    }

    private static string Cut(string text, int keep) => $"{text[..(keep / 2)]}…{text[^(keep - keep / 2)..]}";
}

/// <summary>Words as a small index picture.</summary>
/// <param name="Indices">Index of each pixel, row by row.</param>
/// <param name="Size">Width and height in pixels.</param>
internal readonly record struct DrawnText(byte[] Indices, Size Size)
{
    /// <summary>Puts it onto a picture, into rows that are not shared; what does not fit there is cut off.</summary>
    public void Paste(IndexedPicture picture, Point upperLeft)
    {
        Rect seen = new Rect(upperLeft, Size).Intersect(new Rect(0, 0, picture.Width, picture.Height));
        for (int y = seen.Top; y < seen.Bottom; y++)
        {
            ReadOnlySpan<byte> row = Indices.AsSpan((y - upperLeft.Y) * Size.Width + seen.X - upperLeft.X, seen.Width);
            row.CopyTo(picture.Pixels.Row(y, seen.X, seen.Width));
        }
    }
}
