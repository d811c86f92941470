using System.Globalization;
using CnnOnnx.Detection;
using ScottPlot;

namespace CnnOnnx.Trainer.Figures;

/// <summary>Precision over recall of a detector: a curve for each class, one for all, and the threshold of the highest F1.</summary>
internal static class PrecisionRecallFigure
{
    private const int Width = 760, Height = 560;

    // More classes than there are colours to tell apart are a quiet bundle.
    private const int MostColours = 10;

    /// <summary>The figure as a PNG file's bytes.</summary>
    /// <param name="title">Stands over the plot.</param>
    /// <param name="sweep">The curves; category 1 is the first class.</param>
    /// <param name="classes">Names of the classes.</param>
    public static byte[] Draw(string title, ThresholdSweep sweep, IReadOnlyList<string> classes)
    {
        Plot plot = FigureStyle.Plot(title);
        PrecisionRecallCurve[] curves = [.. sweep.Categories.Where(c => c.Truths > 0).OrderByDescending(c => c.AveragePrecision)];
        var palette = new ScottPlot.Palettes.Category10();
        for (int i = 0; i < curves.Length; i++)
        {
            Color colour = curves.Length > MostColours ? FigureStyle.Soft.WithAlpha(0.35) : palette.GetColor(i);
            ScottPlot.Plottables.Scatter line = Add(plot, curves[i], colour, 1.5f);
            if (curves.Length <= MostColours)
                line.LegendText = $"{classes[curves[i].Category!.Value - 1]} {Number(curves[i].AveragePrecision)}";
        }

        if (curves.Length > 1)
            Add(plot, sweep.All, FigureStyle.Ink, 3).LegendText = "all boxes, one threshold";
        if (sweep.All.Best is { } best)
        {
            ScottPlot.Plottables.Marker mark = plot.Add.Marker(best.Recall, best.Precision, MarkerShape.FilledDiamond, 12, FigureStyle.Ink);
            mark.LegendText = $"threshold {Number(best.Threshold)}: F1 {Number(best.F1)}";
        }

        plot.XLabel("recall");
        plot.YLabel("precision");
        plot.Axes.SetLimits(-0.01, 1.02, -0.01, 1.02);
        Legend legend = plot.ShowLegend(Alignment.LowerLeft);
        legend.FontName = FigureStyle.Font;
        legend.OutlineWidth = 0;
        legend.ShadowColor = Colors.Transparent;
        plot.Font.Set(FigureStyle.Font);
        return plot.GetImageBytes(Width, Height, ImageFormat.Png);
    }

    private static ScottPlot.Plottables.Scatter Add(Plot plot, PrecisionRecallCurve curve, Color colour, float width)
    {
        // from the left edge on, at the precision of the best box
        double[] recalls = [.. curve.Points.Take(1).Select(_ => 0.0), .. curve.Points.Select(p => p.Recall)];
        double[] precisions = [.. curve.Points.Take(1).Select(p => p.Precision), .. curve.Points.Select(p => p.Precision)];
        ScottPlot.Plottables.Scatter line = plot.Add.Scatter(recalls, precisions, colour);
        line.LineWidth = width;
        line.MarkerSize = 0;
        return line;
    }

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
