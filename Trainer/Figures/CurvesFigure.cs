using CnnOnnx.Torch.Training;
using ScottPlot;
using ScottPlot.MultiplotLayouts;
using SkiaSharp;

namespace CnnOnnx.Trainer.Figures;

/// <summary>The metrics over the epochs, side by side, three in a row.</summary>
internal static class CurvesFigure
{
    private const int PlotWidth = 550, PlotHeight = 440, MostInRow = 3;

    /// <summary>The figure as a PNG file's bytes.</summary>
    /// <param name="title">Stands over the left plot.</param>
    /// <param name="history">Metrics of every epoch.</param>
    /// <param name="best">Number of the epoch whose weights were exported, which is marked; null for none.</param>
    /// <param name="test">Metrics of those weights on pictures that chose nothing; null where there are none.</param>
    public static byte[] Draw(string title, IReadOnlyList<EpochResult> history, int? best = null, Metrics? test = null)
    {
        string[] metrics = [.. history.SelectMany(e => e.Train.Concat(e.Validation)).Select(m => m.Key).Distinct()];
        var figure = new Multiplot();
        figure.Subplots.RemoveAt(0);
        foreach (string metric in metrics)
            figure.Subplots.Add(Curve(metric == metrics[0] ? $"{title}: {metric}" : metric, metric, history, best, test));
        // One legend serves all; a falling loss leaves this corner free.
        Legend legend = figure.Subplots.GetPlot(0).ShowLegend(Alignment.UpperRight);
        legend.OutlineWidth = 0;
        legend.ShadowColor = Colors.Transparent;
        legend.FontName = FigureStyle.Font;
        int columns = Math.Min(MostInRow, metrics.Length), rows = (metrics.Length + columns - 1) / columns;
        figure.Layout = new Grid(rows, columns);
        (int width, int height) = (PlotWidth * columns, PlotHeight * rows);
        using SKSurface surface = SKSurface.Create(new SKImageInfo(width, height));
        surface.Canvas.Clear(SKColor.Parse(FigureStyle.Ground.ToHex()));
        figure.Render(surface.Canvas, new PixelRect(0, width, height, 0));
        using SKImage image = surface.Snapshot();
        using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static Plot Curve(string title, string metric, IReadOnlyList<EpochResult> history, int? best, Metrics? test)
    {
        Plot plot = FigureStyle.Plot(title);
        foreach ((string name, Func<EpochResult, Metrics> part, Color color) in new (string, Func<EpochResult, Metrics>, Color)[]
            { ("training", e => e.Train, FigureStyle.Train), ("validation", e => e.Validation, FigureStyle.Validation) })
        {
            // a metric that is too dear to take while learning has one curve
            EpochResult[] measured = [.. history.Where(e => part(e).Has(metric))];
            if (measured.Length == 0)
                continue;
            double[] epochs = [.. measured.Select(e => (double)e.Epoch)], values = [.. measured.Select(e => part(e)[metric])];
            var line = plot.Add.Scatter(epochs, values, color);
            line.LegendText = name;
            line.LineWidth = 2;
            line.MarkerSize = history.Count > 40 ? 0 : 6;
        }

        if (best is { } chosen)
        {
            ScottPlot.Plottables.VerticalLine mark = plot.Add.VerticalLine(chosen, 1, FigureStyle.Soft, LinePattern.Dotted);
            mark.LegendText = $"exported: epoch {chosen}";
            if (test is { } measured && measured.Has(metric))
            {
                ScottPlot.Plottables.Marker point =
                    plot.Add.Marker(chosen, measured[metric], MarkerShape.FilledDiamond, 11, FigureStyle.Test);
                point.LegendText = "test";
            }
        }

        plot.XLabel("epoch");
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true };
        plot.Axes.Margins(0.04, 0.08);
        plot.HideLegend();
        plot.Font.Set(FigureStyle.Font);
        return plot;
    }
}
