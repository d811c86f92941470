using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>A font at a size, and its letters.</summary>
internal sealed class TextStyle
{
    /// <param name="font">One of OpenCV's.</param>
    /// <param name="scale">Of the font's own size.</param>
    /// <param name="ascent">Pixels above the base line.</param>
    /// <param name="descent">Pixels below it.</param>
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
