using ScottPlot;
using SkiaSharp;

namespace CnnOnnx.Trainer.Figures;

/// <summary>The font of all figures: DejaVu Sans, as in the visualizer's pictures, the same on every machine.</summary>
internal sealed class FigureFont : IFontResolver
{
    private static readonly Lazy<bool> Known = new(() =>
    {
        Fonts.FontResolvers.Insert(0, new FigureFont());
        return true;
    });

    /// <summary>Name by which plots ask for it; it is known to them from the first time on that somebody reads this.</summary>
    public static string Name => Known.Value ? "CnnOnnx figures" : "";

    /// <summary>Opens the font; the caller disposes it.</summary>
    /// <param name="isBold">True for titles.</param>
    public static SKTypeface Open(bool isBold = false)
    {
        using Stream font = typeof(FigureFont).Assembly.GetManifestResourceStream(isBold ? "DejaVuSans-Bold.ttf" : "DejaVuSans.ttf")!;
        return SKTypeface.FromStream(font);
    }

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Name ? Open(weight >= FontWeight.SemiBold) : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? Open(bold) : null;
}
