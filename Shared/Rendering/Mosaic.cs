using System.Buffers;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>The maps of a tensor side by side in one picture.</summary>
public static class Mosaic
{
    // In values; larger maps are downsampled.
    private const int MaxMapSide = 8192;

    /// <summary>Draws the maps of one sample side by side; a vector becomes bars.</summary>
    /// <param name="values">All values of the tensor.</param>
    /// <param name="shape">
    /// [N, C, H, W] or [N, C, D, H, W], of which one sample is drawn, or [C, H, W]; the channels last where
    /// <see cref="MosaicOptions.Channels"/> says so; vectors, [N, C] or [C], become bars, see <see cref="BarChart"/>.
    /// </param>
    /// <param name="title">First line of the legend, such as the tensor's name.</param>
    /// <param name="options">Colours, scale, arrangement.</param>
    /// <returns>The caller disposes it.</returns>
    /// <exception cref="ArgumentException">The values are not as many as the shape says, or the options cannot be laid out.</exception>
    public static IndexedPicture Draw(ReadOnlySpan<float> values, TensorShape shape, string title, MosaicOptions options)
    {
        FeatureMaps maps = FeatureMaps.Of(values, shape, options.Sample, options.Channels ?? ChannelLayout.First);
        if (maps.Count == 0)
            return Frame.Around(default, Legend.OfNothing(title, shape)).NewPicture(options.Colours);
        return maps.IsVector
            ? BarChart.Draw(values, shape, title, BarChartOptions.From(options))
            : DrawMaps(maps.Planes(values), maps, title, [$"shape {shape}"], options);
    }

    /// <summary>Draws like <see cref="Draw"/>, as BGR (8UC3); the caller disposes it.</summary>
    /// <inheritdoc cref="Draw"/>
    public static Mat Render(ReadOnlySpan<float> values, TensorShape shape, string title, MosaicOptions options)
    {
        using IndexedPicture picture = Draw(values, shape, title, options);
        return picture.ToBgr();
    }

    /// <summary>Draws one map alone, as large as in a mosaic or larger. A scale of the layer is that of all its maps.</summary>
    /// <inheritdoc cref="Draw"/>
    /// <param name="channel">Index of the map, from 0.</param>
    public static IndexedPicture DrawChannel(
        ReadOnlySpan<float> values, TensorShape shape, int channel, string title, MosaicOptions options)
    {
        FeatureMaps maps = FeatureMaps.Of(values, shape, options.Sample, options.Channels ?? ChannelLayout.First);
        ArgumentOutOfRangeException.ThrowIfNegative(channel);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(channel, maps.Count);
        if (!ScaleRule.Of(options.Scaling).IsPerMap)
            options = options with { Range = options.Range ?? MapFacts.Of(values.Slice(maps.Offset, maps.Length)).Range };
        ReadOnlySpan<float> map = maps.Plane(values, channel);
        string[] remarks = [$"channel {channel} (0 .. {maps.Count - 1})", $"shape {shape}"];
        return DrawMaps(map, maps with { Offset = 0, Count = 1 }, title, remarks, options);
    }

    private static IndexedPicture DrawMaps(
        ReadOnlySpan<float> values, FeatureMaps maps, string title, string[] remarks, MosaicOptions options)
    {
        if (Math.Max(maps.Width, maps.Height) > MaxMapSide)
            (values, maps) = Downsample(values, maps);
        var size = new Size(maps.Width, maps.Height);
        // Pixel by pixel stays as it is.
        LineWrap wrap = options.MinTileSize > 1 ? LineWrap.Of(size) : new LineWrap(size, size.Width);
        MosaicLayout layout = MosaicLayout.Of(maps.Count, wrap.Size, options.Layout);
        ScaleRule rule = ScaleRule.Of(options.Scaling);
        MapFacts[] rented = ArrayPool<MapFacts>.Shared.Rent(maps.Count);
        Span<MapFacts> facts = rented.AsSpan(0, maps.Count);
        for (int i = 0; i < facts.Length; i++)
            facts[i] = MapFacts.Of(values.Slice(i * maps.Area, maps.Area));
        var layer = LayerRange.Of(facts);
        ValueRange range = options.Range ?? layer.All.Range;

        string lines = wrap.Lines > 1 ? $"in lines of {wrap.Line} values" : "";
        Legend? legend = options.Legend ? layer.Describe(title, [.. remarks, layout.Describe(maps.Count), lines], rule, range) : null;
        var frame = Frame.Around(new Size(layout.Width, layout.Height), legend);
        bool isPlain = legend is null && !options.Marks && (layout.Count == 1 || layout.Gap == 0);
        Palette palette = isPlain ? options.ColoursAlone : options.Colours;
        IndexedPicture picture = frame.NewPicture(palette, Repeats(layout, facts, options.Marks));
        picture.Tiles = layout.At(frame.Content.Location);
        var painter = new MapPainter(picture.Pixels, palette);
        var marks = new MapMarks(picture);
        ValueScale shared = rule.IsPerMap ? default : rule.Fit(values, range);
        for (int i = 0; i < layout.Count; i++)
        {
            ReadOnlySpan<float> map = values.Slice(i * maps.Area, maps.Area);
            Rect tile = layout[i] + frame.Content.Location;
            ValueScale scale = rule.IsPerMap ? rule.Fit(map, facts[i].Range) : shared;
            MapMarks? checkers = options.Marks && facts[i].NonFiniteCount > 0 ? marks : null;
            if (wrap.Lines == 1)
                Paint(map, size, tile, scale, painter, checkers);
            for (int line = 0; wrap.Lines > 1 && line < wrap.Lines; line++)
            {
                (float[] part, Size own) = wrap.Cut(line, map);
                Paint(part, own, wrap.PlaceOf(line, tile), scale, painter, checkers);
            }

            if (options.Marks)
                marks.Mark(facts[i], rule.IsPerMap, tile);
        }

        ArrayPool<MapFacts>.Shared.Return(rented);
        return picture;
    }

    private static void Paint(ReadOnlySpan<float> map, Size size, Rect place, ValueScale scale, MapPainter painter, MapMarks? checkers)
    {
        painter.Paint(map, size, scale, place);
        checkers?.Checker(map, size, place);
    }

    // Every k-th value of a row and of a column.
    private static (float[] Values, FeatureMaps Maps) Downsample(ReadOnlySpan<float> values, FeatureMaps maps)
    {
        int stepX = (maps.Width - 1) / MaxMapSide + 1, stepY = (maps.Height - 1) / MaxMapSide + 1;
        FeatureMaps smaller = maps with { Offset = 0, Width = (maps.Width - 1) / stepX + 1, Height = (maps.Height - 1) / stepY + 1 };
        float[] kept = new float[smaller.Length];
        int to = 0;
        for (int map = 0; map < maps.Count; map++)
            for (int y = 0; y < maps.Height; y += stepY)
                for (int x = 0; x < maps.Width; x += stepX)
                    kept[to++] = values[(map * maps.Height + y) * maps.Width + x];
        return (kept, smaller);
    }

    // Of the pixel rows of a value all but the first, and of those of a gap; not where a mark changes them one by one.
    private static bool[] Repeats(MosaicLayout layout, ReadOnlySpan<MapFacts> facts, bool withMarks)
    {
        bool[] repeats = new bool[layout.Height];
        for (int first = 0; first < layout.Count; first += layout.Columns)
        {
            int ownRows = 0;
            foreach (MapFacts map in facts[first..Math.Min(layout.Count, first + layout.Columns)])
                ownRows = Math.Max(ownRows, withMarks ? MapMarks.OwnRows(map, layout.Tile.Height) : 0);
            int top = layout[first].Top, shared = layout.Tile.Height - ownRows;
            for (int y = 0; y < shared; y++)
                repeats[top + y] = y % layout.FactorY > 0;
            for (int y = layout.Tile.Height + 1; y < layout.Tile.Height + layout.Gap && top + y < repeats.Length; y++)
                repeats[top + y] = true;
        }

        return repeats;
    }
}
