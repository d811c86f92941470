using System.Globalization;
using CnnOnnx.Torch.Training;
using ScottPlot;

namespace CnnOnnx.Trainer.Figures;

/// <summary>A confusion matrix: rows are what pictures show, columns what the network says. Colours are shares of a row.</summary>
internal static class ConfusionFigure
{
    private const int LeastCell = 22, MostCell = 64, Around = 190, MostSide = 2400;

    // More names under the columns than this would run into each other.
    private const int MostLevelLabels = 3;

    // Numbers are left out where they would not fit.
    private const int LeastCellWithNumber = 30, LeastCellWithShare = 48;

    /// <summary>The figure as a PNG file's bytes.</summary>
    public static byte[] Draw(string title, ConfusionMatrix confusion, IReadOnlyList<string> labels)
    {
        int classes = confusion.Classes;
        int cell = Math.Clamp(720 / classes, LeastCell, MostCell);
        Plot plot = FigureStyle.Plot(title);
        double[,] shares = new double[classes, classes];
        for (int row = 0; row < classes; row++)
            for (int column = 0; column < classes; column++)
                shares[row, column] = confusion[row, column] / Math.Max(1.0, confusion.Support(row));

        ScottPlot.Plottables.Heatmap map = plot.Add.Heatmap(shares);
        map.Colormap = new ScottPlot.Colormaps.Blues().Reversed();
        map.ManualRange = new ScottPlot.Range(0, 1);
        if (cell >= LeastCellWithNumber)
            AddNumbers(plot, confusion, shares, cell);
        AddLabels(plot, labels, cell);
        plot.Axes.SetLimits(-0.5, classes - 0.5, -0.5, classes - 0.5);
        plot.HideGrid();
        plot.Axes.Right.FrameLineStyle.Width = plot.Axes.Top.FrameLineStyle.Width = 1;
        plot.Font.Set(FigureStyle.Font);
        int side = Math.Min(MostSide, (cell * classes) + Around);
        return plot.GetImageBytes(Math.Max(420, side), Math.Max(380, side), ImageFormat.Png);
    }

    private static void AddNumbers(Plot plot, ConfusionMatrix confusion, double[,] shares, int cell)
    {
        int last = confusion.Classes - 1;
        for (int row = 0; row <= last; row++)
        {
            for (int column = 0; column <= last; column++)
            {
                if (confusion[row, column] == 0)
                    continue;
                // the heatmap draws its first row at the top
                Color ink = shares[row, column] > 0.5 ? Colors.White : FigureStyle.Ink;
                bool hasShare = cell >= LeastCellWithShare;
                Write(plot, confusion[row, column].ToString(CultureInfo.InvariantCulture), column, last - row + (hasShare ? 0.13 : 0),
                    cell / 4f, ink);
                if (hasShare)
                    Write(plot, shares[row, column].ToString("0.0 %", CultureInfo.InvariantCulture), column, last - row - 0.2, cell / 6f,
                        ink);
            }
        }
    }

    private static void Write(Plot plot, string text, double x, double y, float size, Color ink)
    {
        ScottPlot.Plottables.Text written = plot.Add.Text(text, x, y);
        written.Alignment = Alignment.MiddleCenter;
        written.LabelFontSize = size;
        written.LabelFontColor = ink;
    }

    private static void AddLabels(Plot plot, IReadOnlyList<string> labels, int cell)
    {
        int last = labels.Count - 1;
        plot.Axes.Left.TickGenerator = Ticks(labels.Select((name, i) => (last - i, name)));
        plot.Axes.Bottom.TickGenerator = Ticks(labels.Select((name, i) => (i, name)));
        float longest = Math.Min(Around, 40 + (labels.Max(name => name.Length) * 7));
        plot.Axes.Left.MinimumSize = longest;
        if (labels.Count > MostLevelLabels)
        {
            plot.Axes.Bottom.TickLabelStyle.Rotation = -45;
            plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleRight;
            plot.Axes.Bottom.MinimumSize = longest;
        }

        foreach (LabelStyle style in new[] { plot.Axes.Left.TickLabelStyle, plot.Axes.Bottom.TickLabelStyle })
            style.FontSize = Math.Clamp(cell / 3f, 10, 14);
        plot.YLabel("actual class");
        plot.XLabel("predicted class");
    }

    private static ScottPlot.TickGenerators.NumericManual Ticks(IEnumerable<(int Position, string Name)> ticks) =>
        new([.. ticks.Select(t => new Tick(t.Position, t.Name))]);
}
