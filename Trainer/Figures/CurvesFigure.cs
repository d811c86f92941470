using CnnOnnx.Torch.Training;
using ScottPlot;
using ScottPlot.MultiplotLayouts;
using SkiaSharp;

namespace CnnOnnx.Trainer.Figures;

/// <summary>Loss and accuracy over the epochs, side by side.</summary>
internal static class CurvesFigure
{
    private const int Width = 1100, Height = 440;

    /// <summary>The figure as a PNG file's bytes.</summary>
    /// <param name="title">Stands over the left plot.</param>
    public static byte[] Draw(string title, IReadOnlyList<EpochResult> history)
    {
        var figure = new Multiplot();
        figure.Subplots.RemoveAt(0);
        figure.Subplots.Add(Curve($"{title}: loss", history, e => e.TrainLoss, e => e.ValidationLoss));
        figure.Subplots.Add(Curve("accuracy", history, e => e.TrainAccuracy, e => e.ValidationAccuracy));
        // One legend serves both; a falling loss leaves this corner free.
        Legend legend = figure.Subplots.GetPlot(0).ShowLegend(Alignment.UpperRight);
        legend.OutlineWidth = 0;
        legend.ShadowColor = Colors.Transparent;
        legend.FontName = FigureStyle.Font;
        figure.Layout = new Grid(rows: 1, columns: 2);
        using SKSurface surface = SKSurface.Create(new SKImageInfo(Width, Height));
        surface.Canvas.Clear(SKColors.White);
        figure.Render(surface.Canvas, new PixelRect(0, Width, Height, 0));
        using SKImage image = surface.Snapshot();
        using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static Plot Curve(string title, IReadOnlyList<EpochResult> history, Func<EpochResult, double> train, Func<EpochResult, double> validation)
    {
        Plot plot = FigureStyle.Plot(title);
        double[] epochs = [.. history.Select(e => (double)e.Epoch)];
        foreach ((string name, Func<EpochResult, double> value, Color color) in new[] { ("training", train, FigureStyle.Train), ("validation", validation, FigureStyle.Validation) })
        {
            var line = plot.Add.Scatter(epochs, history.Select(value).ToArray(), color);
            line.LegendText = name;
            line.LineWidth = 2;
            line.MarkerSize = history.Count > 40 ? 0 : 6;
        }

        plot.XLabel("epoch");
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true };
        plot.Axes.Margins(0.04, 0.08);
        plot.HideLegend();
        plot.Font.Set(FigureStyle.Font);
        return plot;
    }
}
