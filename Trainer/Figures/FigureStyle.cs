using ScottPlot;

namespace CnnOnnx.Trainer.Figures;

/// <summary>Colours and fonts of all figures of a training.</summary>
internal static class FigureStyle
{
    public static Color Train { get; } = Color.FromHex("#1f6fb4");

    public static Color Validation { get; } = Color.FromHex("#e0681c");

    public static Color Test { get; } = Color.FromHex("#22683d");

    public static Color Soft { get; } = Color.FromHex("#5b616b");

    // Ink, ground and lines are those of the visualizer's pictures and pages.
    public static Color Ink { get; } = Color.FromHex("#16181c");

    public static Color Ground { get; } = Color.FromHex("#ffffff");

    public static Color Line { get; } = Color.FromHex("#e6e6e2");

    public static string Font => FigureFont.Name;

    /// <summary>A plot with a title, with a quiet grid.</summary>
    public static Plot Plot(string title)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Ground;
        plot.DataBackground.Color = Ground;
        plot.Grid.MajorLineColor = Line;
        plot.Axes.Color(Ink);
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Title(title, size: 15);
        plot.Font.Set(Font);
        return plot;
    }
}
