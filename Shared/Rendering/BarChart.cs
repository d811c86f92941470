using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>Vectors as bars with names and values; long ones as coloured cells.</summary>
public static class BarChart
{
    private const int Width = 640, RowHeight = 20, BarHeight = 14, Gap = 8, MaxLabelWidth = 260;

    /// <summary>Draws a vector as bars, or as cells when it is longer than <see cref="BarChartOptions.MaxBars"/>.</summary>
    /// <param name="values">All values of the tensor.</param>
    /// <param name="shape">[N, C], [N, C, 1, 1], [C, 1, 1] or [C]; of any other, the values of one sample one after another.</param>
    /// <param name="title">First line of the legend, such as the tensor's name.</param>
    /// <param name="options">Colours, names, how many.</param>
    /// <returns>The caller disposes it.</returns>
    /// <exception cref="ArgumentException">The values are not as many as the shape says.</exception>
    public static IndexedPicture Draw(ReadOnlySpan<float> values, TensorShape shape, string title, BarChartOptions options)
    {
        FeatureMaps maps = FeatureMaps.Of(values, shape, options.Sample);
        ReadOnlySpan<float> vector = values.Slice(maps.Offset, maps.Length);
        if (vector.IsEmpty)
            return Frame.Around(default, Legend.OfNothing(title, shape)).NewPicture(Palette.Of(options.Colormap, options.Theme));

        if (vector.Length == 1)
            return Alone(vector[0], shape, title, options);
        int[] shown = options.Top is { } top ? Largest(vector, top) : [.. Enumerable.Range(0, vector.Length)];
        return shown.Length > options.MaxBars
            ? CellGrid.Draw(vector, shape, title, options)
            : Bars(vector, shown, shape, title, options);
    }

    /// <summary>Draws like <see cref="Draw"/>, as BGR (8UC3); the caller disposes it.</summary>
    /// <inheritdoc cref="Draw"/>
    public static Mat Render(ReadOnlySpan<float> values, TensorShape shape, string title, BarChartOptions options)
    {
        using IndexedPicture picture = Draw(values, shape, title, options);
        return picture.ToBgr();
    }

    /// <summary>Finds the indices of the largest values, the largest first; NaN comes last.</summary>
    /// <param name="values">All values.</param>
    /// <param name="count">Most indices to give.</param>
    internal static int[] Largest(ReadOnlySpan<float> values, int count)
    {
        float[] keys = new float[values.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = float.IsNaN(values[i]) ? float.NegativeInfinity : values[i];
        return [.. Enumerable.Range(0, keys.Length).OrderByDescending(i => keys[i]).Take(count)];
    }

    internal static string LabelOf(int index, BarChartOptions options) =>
        options.Labels is { } labels && index < labels.Count ? labels[index] : $"{index}";

    // A single value is a line of text.
    private static IndexedPicture Alone(float value, TensorShape shape, string title, BarChartOptions options)
    {
        string text = $"{(options.Labels is { Count: 1 } labels ? labels[0] + " " : "")}= {Numbers.Short(value)}";
        var frame = Frame.Around(new Size(Math.Max(1, TextPainter.WidthOf(text, TextPainter.Title)), TextPainter.Title.Height),
            options.Legend ? new Legend(title, [$"shape {shape}"], null) : null);
        IndexedPicture picture = frame.NewPicture(Palette.Of(options.Colormap, options.Theme));
        TextPainter.Write(picture, text, TextPainter.Title, frame.Content.Location);
        return picture;
    }

    private static IndexedPicture Bars(ReadOnlySpan<float> values, int[] shown, TensorShape shape, string title, BarChartOptions options)
    {
        float[] drawn = new float[shown.Length];
        for (int i = 0; i < shown.Length; i++)
            drawn[i] = values[shown[i]];
        string[] labels = [.. shown.Select(index => TextPainter.Fit(LabelOf(index, options), TextPainter.Plain, MaxLabelWidth))];
        string[] numbers = [.. drawn.Select(value => Numbers.Short(value))];
        int labelWidth = labels.Max(label => TextPainter.WidthOf(label, TextPainter.Plain));
        int numberWidth = numbers.Max(number => TextPainter.WidthOf(number, TextPainter.Plain));

        string howMany = shown.Length < values.Length ? $"{shown.Length} largest of {values.Length} values" : "";
        MapFacts all = MapFacts.Of(values);
        string range = all.HasFinite ? $"range {all.Range.Short}" : "no finite value";
        Legend? legend = options.Legend ? new Legend(title, [$"shape {shape}", howMany, range], null) : null;
        var frame = Frame.Around(new Size(Width, shown.Length * RowHeight), legend);
        IndexedPicture picture = frame.NewPicture(Palette.Of(options.Colormap, options.Theme));

        // A row is of its own value only when the rows are in the vector's order.
        if (options.Top is null)
            picture.Tiles = new TileGrid(frame.Content.X, frame.Content.Y, Width, RowHeight, 0, 1, shown.Length);

        var axis = BarAxis.Of(MapFacts.Of(drawn), frame.Content.X + labelWidth + Gap, Width - labelWidth - numberWidth - 2 * Gap);
        int textTop = (RowHeight - TextPainter.Plain.Height) / 2 + 1;
        for (int i = 0; i < shown.Length; i++)
        {
            int y = frame.Content.Y + i * RowHeight;
            int labelX = frame.Content.X + labelWidth - TextPainter.WidthOf(labels[i], TextPainter.Plain);
            TextPainter.Write(picture, labels[i], TextPainter.Plain, new Point(labelX, y + textTop));
            axis.Draw(picture, drawn[i], new Rect(0, y + (RowHeight - BarHeight) / 2, 0, BarHeight), RowHeight);
            int numberX = frame.Content.Right - TextPainter.WidthOf(numbers[i], TextPainter.Plain);
            TextPainter.Write(picture, numbers[i], TextPainter.Plain, new Point(numberX, y + textTop));
        }

        return picture;
    }
}
