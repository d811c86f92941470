using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>Limits of a mosaic's layout; see the properties of the same names of <see cref="MosaicOptions"/>.</summary>
internal sealed record LayoutRules
{
    public static LayoutRules Usual { get; } = new();

    /// <summary>Maps side by side; null for about as many as below one another.</summary>
    public int? Columns { get; init; }

    /// <summary>Maps below one another; null for as many as are needed.</summary>
    public int? Rows { get; init; }

    /// <summary>Maps that get a place at most.</summary>
    public int MaxChannels { get; init; } = int.MaxValue;

    /// <summary>Pixels of a map's shorter side that it is enlarged to.</summary>
    public int MinTileSize { get; init; } = 64;

    /// <summary>Pixels that enlarging may make of the whole; null for no limit.</summary>
    public long? MaxEnlargedPixels { get; init; } = 1 << 20;

    /// <summary>Pixels between maps.</summary>
    public int Gap { get; init; } = 2;
}

/// <summary>
/// Where the maps of a mosaic go: row by row, all of one size, with a gap between them. Numbers only.
/// <code>
/// ┌──────┐gap┌──────┐
/// │  0   │   │  1   │   tile = map · factor
/// └──────┘   └──────┘
/// ┌──────┐
/// │  2   │   Width and Height: from the first tile to the last, no margin
/// └──────┘
/// </code>
/// </summary>
/// <param name="Count">Maps that have a place; the first ones.</param>
/// <param name="Columns">Number of maps side by side.</param>
/// <param name="Rows">Number of maps below one another.</param>
/// <param name="Tile">Size of an enlarged map, in pixels.</param>
/// <param name="FactorX">Pixels that a value is wide.</param>
/// <param name="FactorY">Pixels that a value is high.</param>
internal readonly record struct MosaicLayout(int Count, int Columns, int Rows, Size Tile, int FactorX, int FactorY, int Gap)
{
    /// <summary>Most pixels of a mosaic's side; a browser shows no larger picture.</summary>
    public const int MaxSide = 32_767;

    /// <summary>Most pixels of a mosaic.</summary>
    public const long MaxPixels = 1L << 26;

    // What is narrower than this is enlarged further, unless it becomes higher than that; what is thinner than this is thickened.
    private const int SmallWidth = 480, HighEnough = 960, Thin = 8;

    private const int MaxEnlarged = 512;

    public int Width => Columns == 0 ? 0 : Columns * (Tile.Width + Gap) - Gap;

    public int Height => Rows == 0 ? 0 : Rows * (Tile.Height + Gap) - Gap;

    /// <summary>Place of the map with an index, in pixels from the mosaic's upper left corner.</summary>
    public Rect this[int index] => new(
        new Point(index % Columns * (Tile.Width + Gap), index / Columns * (Tile.Height + Gap)), Tile);

    /// <summary>Describes in words how many of how many maps are shown.</summary>
    public string Describe(int count, string what = "maps") =>
        Count < count ? $"first {Count} of {count} {what}" : count == 1 ? "" : $"{count} {what}";

    /// <summary>The places of its maps in a picture whose mosaic starts at a corner.</summary>
    internal TileGrid At(Point corner) => new(corner.X, corner.Y, Tile.Width, Tile.Height, Gap, Columns, Count);

    /// <param name="count">Maps.</param>
    /// <param name="map">Width and height of each, in values; not empty.</param>
    /// <param name="rules">Columns, rows, sizes.</param>
    public static MosaicLayout Of(int count, Size map, LayoutRules rules)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(map.Width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(map.Height, 1);
        if (rules.Columns is < 1 || rules.Rows is < 1 || rules.MaxChannels < 1 || rules.MinTileSize < 1 || rules.Gap < 0)
            throw new ArgumentException(
                $"A mosaic of {rules.Columns?.ToString() ?? "free"} columns, {rules.Rows?.ToString() ?? "free"} rows, "
                + $"at most {rules.MaxChannels} maps, tiles of {rules.MinTileSize} and gaps of {rules.Gap} pixels cannot be laid out.");

        int shown = Math.Min(count, rules.MaxChannels);
        int columns = rules.Columns
            ?? (rules.Rows is { } rows ? (int)Math.Ceiling((double)shown / rows) : SquarestColumns(shown, map));
        columns = Math.Clamp(columns, 1, Math.Max(1, shown));
        shown = (int)Math.Min(shown, (long)columns * (rules.Rows ?? int.MaxValue));

        // Enlarged as far as there is room for all maps; then as many maps as there is room for.
        (long, long) whole = ((long)columns * map.Width, (shown + columns - 1L) / columns * map.Height);
        for (int factor = Factor(map, whole, rules, shown == 1); ; factor--)
        {
            (int x, int y) = (Thicken(map.Width, factor, rules), Thicken(map.Height, factor, rules));
            var tile = new Size(map.Width * x, map.Height * y);
            (int fittingColumns, int fittingRows) = Fitting(columns, tile, rules.Gap);
            int fitting = (int)Math.Min(shown, (long)fittingColumns * fittingRows);
            if (fitting == shown || factor == 1)
            {
                int shownRows = (fitting + fittingColumns - 1) / fittingColumns;
                return new MosaicLayout(fitting, fitting == 0 ? 0 : fittingColumns, shownRows, tile, x, y, rules.Gap);
            }
        }
    }

    // Of the column counts that look about square, the one that leaves the fewest places empty.
    private static int SquarestColumns(int count, Size map)
    {
        double square = Math.Sqrt((double)count * map.Height / map.Width);
        int from = Math.Max(1, (int)Math.Ceiling(square - 1e-9));
        int to = from * 3 / 2;
        return Enumerable.Range(from, to - from + 1).MinBy(columns => (columns - count % columns) % columns);
    }

    private static int Factor(Size map, (long Width, long Height) whole, LayoutRules rules, bool isAlone)
    {
        (int shorter, int longer) = (Math.Min(map.Width, map.Height), Math.Max(map.Width, map.Height));
        int legible = Math.Min((rules.MinTileSize - 1) / shorter + 1, Math.Max(1, MaxEnlarged / longer));
        long grown = Math.Min((SmallWidth - 1) / whole.Width + 1, HighEnough / Math.Max(1, whole.Height));
        // A map alone is as large as a picture may be.
        long most = isAlone && rules.MinTileSize > 1 ? MaxEnlarged : Math.Min(MaxEnlarged, 3L * rules.MinTileSize);
        int wanted = Math.Max(legible, (int)Math.Min(grown, most / longer));
        double screen = Math.Sqrt((rules.MaxEnlargedPixels ?? double.PositiveInfinity) / Math.Max(1, whole.Width * whole.Height));
        return Math.Clamp((int)Math.Min(screen, int.MaxValue), 1, wanted);
    }

    private static int Thicken(int side, int factor, LayoutRules rules) => Math.Max(factor, Math.Min(Thin, rules.MinTileSize) / side);

    private static (int Columns, int Rows) Fitting(int columns, Size tile, int gap)
    {
        long width = tile.Width + gap, height = tile.Height + gap;
        long fittingColumns = Math.Clamp(Math.Min((MaxSide + gap) / width, MaxPixels / (width * height)), 1, columns);
        long fittingRows = Math.Max(1, Math.Min((MaxSide + gap) / height, MaxPixels / (fittingColumns * width * height)));
        return ((int)fittingColumns, (int)fittingRows);
    }
}
