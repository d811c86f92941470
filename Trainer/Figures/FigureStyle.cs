using ScottPlot;
using SkiaSharp;

namespace CnnOnnx.Trainer.Figures;

/// <summary>Colours and fonts of all figures of a training.</summary>
internal static class FigureStyle
{
    public static Color Train { get; } = Color.FromHex("#1f6fb4");

    public static Color Validation { get; } = Color.FromHex("#e0681c");

    public static Color Test { get; } = Color.FromHex("#22683d");

    public static Color Soft { get; } = Color.FromHex("#5b616b");

    public static Color Ink { get; } = Color.FromHex("#26323d");

    private static readonly Color Grid = Color.FromHex("#e3e8ec");

    // Without serifs, whichever of these the system has.
    private static readonly string[] Families = ["Segoe UI", "Noto Sans", "DejaVu Sans", "Liberation Sans", "Arial"];

    public static string Font { get; } = Families.FirstOrDefault(SKFontManager.Default.FontFamilies.Contains) ?? Fonts.Default;

    /// <summary>A plot with a title, on white, with a quiet grid.</summary>
    public static Plot Plot(string title)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.White;
        plot.DataBackground.Color = Colors.White;
        plot.Grid.MajorLineColor = Grid;
        plot.Axes.Color(Ink);
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Title(title, size: 15);
        plot.Font.Set(Font);
        return plot;
    }
}
