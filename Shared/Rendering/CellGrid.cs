using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>A long vector as coloured cells, row by row, the number of a row's first value on its left.</summary>
internal static class CellGrid
{
    private const int Width = 768, MaxCell = 16, MinCell = 2, MinLinedCell = 6, Gap = 8, Highest = 3, MaxNameWidth = 160;

    public static IndexedPicture Draw(ReadOnlySpan<float> values, TensorShape shape, string title, BarChartOptions options)
    {
        // About twice as wide as high.
        int columns = LineWrap.LengthFrom(Math.Sqrt(2.0 * values.Length));
        int cell = Math.Clamp(Width / columns, MinCell, MaxCell);
        int rows = Math.Min((values.Length - 1) / columns + 1, MosaicLayout.MaxSide / cell);
        int drawn = Math.Min(values.Length, rows * columns);

        MapFacts facts = MapFacts.Of(values);
        // A vector is one map, so a range of its own is the layer's.
        ScaleRule rule = ScaleRule.Of(options.Scaling == ScaleMode.Tile ? ScaleMode.Layer : options.Scaling);
        ValueRange range = options.Range ?? facts.Range;
        string howMany = drawn < values.Length ? $"first {drawn} of {values.Length} values" : $"{values.Length} values";
        Legend? legend = options.Legend
            ? LayerRange.Of([facts]).Describe(
                title, [$"shape {shape}", $"{howMany}, {columns} a row", DescribeHighest(values, options)], rule, range)
            : null;

        int labelWidth = TextPainter.WidthOf($"{(rows - 1) * columns}", TextPainter.Tiny) + Gap;
        var frame = Frame.Around(new Size(labelWidth + columns * cell, rows * cell), legend);
        IndexedPicture picture = frame.NewPicture(
            MosaicOptions.PaletteOf(options.Colormap, options.Scaling == ScaleMode.Symmetric, options.Theme));
        var corner = new Point(frame.Content.X + labelWidth, frame.Content.Y);
        picture.Tiles = new TileGrid(corner.X, corner.Y, cell, cell, 0, columns, drawn);
        Paint(picture, values[..drawn], columns, cell, rule.Fit(values, range), corner);
        WriteRowNumbers(picture, rows, columns, cell, corner - new Point(Gap, 0));
        return picture;
    }

    private static void Paint(IndexedPicture picture, ReadOnlySpan<float> values, int columns, int cell, ValueScale scale, Point corner)
    {
        var painter = new MapPainter(picture.Pixels, picture.Palette);
        var marks = new MapMarks(picture);
        for (int first = 0; first < values.Length; first += columns)
        {
            ReadOnlySpan<float> row = values[first..Math.Min(values.Length, first + columns)];
            var size = new Size(row.Length, 1);
            var tile = new Rect(corner.X, corner.Y + first / columns * cell, row.Length * cell, cell);
            painter.Paint(row, size, scale, tile);
            marks.Checker(row, size, tile);
            if (cell >= MinLinedCell)
                marks.Lines(tile, cell);
        }
    }

    private static void WriteRowNumbers(IndexedPicture picture, int rows, int columns, int cell, Point upperRight)
    {
        int every = (TextPainter.Tiny.Height - 1) / cell + 1;
        for (int row = 0; row + every <= rows || row == 0; row += every)
        {
            string number = $"{row * columns}";
            int left = upperRight.X - TextPainter.WidthOf(number, TextPainter.Tiny);
            int top = upperRight.Y + row * cell + Math.Max(0, (cell - TextPainter.Tiny.Height) / 2);
            TextPainter.Write(picture, number, TextPainter.Tiny, new Point(left, top));
        }
    }

    private static string DescribeHighest(ReadOnlySpan<float> values, BarChartOptions options)
    {
        List<string> names = [];
        foreach (int index in BarChart.Largest(values, Highest))
        {
            string name = TextPainter.Fit(BarChart.LabelOf(index, options), TextPainter.Plain, MaxNameWidth);
            names.Add($"{name} = {Numbers.Short(values[index])}");
        }

        return $"largest: {string.Join(", ", names)}";
    }
}
