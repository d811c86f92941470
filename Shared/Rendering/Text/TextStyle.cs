using System.Numerics.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>A font at a size, and its letters.</summary>
internal sealed class TextStyle
{
    /// <summary>Makes a style of one of OpenCV's fonts.</summary>
    /// <param name="font">Font of OpenCV.</param>
    /// <param name="scale">Factor on the font's own size.</param>
    /// <param name="ascent">Pixels above the base line.</param>
    /// <param name="descent">Pixels below the base line.</param>
    public TextStyle(HersheyFonts font, double scale, int ascent, int descent)
    {
        (Font, Scale, Ascent, Height) = (font, scale, ascent, ascent + descent);
        Glyphs = new Glyphs(this);
    }

    public HersheyFonts Font { get; }

    public double Scale { get; }

    public int Ascent { get; }

    public int Height { get; }

    public Glyphs Glyphs { get; }
}

/// <summary>
/// The ASCII letters of a style, each drawn by OpenCV when it is first needed: a dump writes the same few letters a hundred
/// thousand times. Letters stand at whole pixels.
/// </summary>
/// <param name="style">Font and size of the letters.</param>
internal sealed class Glyphs(TextStyle style)
{
    private const char First = ' ', Last = '~';

    // Around a letter: smooth edges reach beyond its width.
    private const int Overhang = 2;

    private readonly Glyph?[] _known = new Glyph?[Last - First + 1];

    /// <summary>Measures the pixels from the start of a letter to that of the next.</summary>
    public int AdvanceOf(char letter) => Of(letter).Advance;

    /// <summary>Draws a letter over what is there.</summary>
    /// <param name="letter">Printable ASCII.</param>
    /// <param name="coverage">Share of each pixel that is covered, 0 to 255; as many rows as the style is high.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="x">Column at which the letter starts.</param>
    public void Draw(char letter, Span<byte> coverage, int width, int x)
    {
        Glyph glyph = Of(letter);
        int from = Math.Max(0, Overhang - x), to = Math.Min(glyph.Width, width - x + Overhang);
        for (int y = 0; y < style.Height; y++)
        {
            Span<byte> target = coverage.Slice(y * width + x - Overhang + from, to - from);
            TensorPrimitives.Max(glyph.Coverage.AsSpan(y * glyph.Width + from, to - from), target, target);
        }
    }

    private Glyph Of(char letter) => _known[letter - First] ??= Make(letter);

    private Glyph Make(char letter)
    {
        string text = letter.ToString();
        // The size that OpenCV gives has the stroke's width in it.
        int advance = Cv2.GetTextSize(text, style.Font, style.Scale, 1, out _).Width - 1;
        int width = advance + 2 * Overhang;
        using var drawn = new Mat(style.Height, width, MatType.CV_8UC1, Scalar.Black);
        Cv2.PutText(drawn, text, new Point(Overhang, style.Ascent), style.Font, style.Scale, Scalar.White, 1, LineTypes.AntiAlias);
        return new Glyph(advance, width, drawn.AsSpan<byte>().ToArray());
    }

    private sealed record Glyph(int Advance, int Width, byte[] Coverage);
}
