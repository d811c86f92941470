using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>
/// Long maps of one or two rows, broken into lines as a text is; between lines of two rows stays a row free. Numbers only.
/// <code>
/// 0 1 2 3 4 5 …       0 1 2 3
/// a b c d e f …  ──▶  a b c d
///
///                     4 5 6 7
///                     e f g h
/// </code>
/// The report's scripts do the same (tiles.js).
/// </summary>
/// <param name="Map">Width and height of a map, in values.</param>
/// <param name="Line">Values in a line.</param>
internal readonly record struct LineWrap(Size Map, int Line)
{
    // A strip of so many values shows each as two pixels or more.
    private const int MostRows = 2, LongestStrip = 256;

    // Round numbers that people can count by.
    private static readonly int[] Lengths = [16, 20, 25, 32, 50, 64, 100, 128, 200, 256, 400, 512];

    /// <summary>Number of lines; 1 for a map that stays as it is.</summary>
    public int Lines => (Map.Width - 1) / Line + 1;

    /// <summary>Width and height with all lines, in values.</summary>
    public Size Size => new(Line, Lines * Step - (Step - Map.Height));

    // Rows from a line's first to the next one's.
    private int Step => Lines == 1 ? Map.Height : 2 * Map.Height - 1;

    /// <summary>Breaks what is long and thin, to about twice as wide as high; everything else stays.</summary>
    /// <param name="map">Width and height of a map, in values; not empty.</param>
    public static LineWrap Of(Size map)
    {
        if (map.Height > MostRows || map.Width <= LongestStrip)
            return new LineWrap(map, map.Width);
        double wanted = Math.Sqrt(2.0 * map.Width * (2 * map.Height - 1));
        return new LineWrap(map, LengthFrom(wanted));
    }

    /// <summary>The shortest length that people can count by and that is at least as long; the longest of all where none is.</summary>
    public static int LengthFrom(double wanted) => Lengths.FirstOrDefault(length => length >= wanted, Lengths[^1]);

    /// <summary>Place of a line in a tile, in pixels.</summary>
    /// <param name="line">Index of the line, from 0.</param>
    /// <param name="tile">Place of the whole map.</param>
    public Rect PlaceOf(int line, Rect tile)
    {
        (int factorX, int factorY) = (tile.Width / Size.Width, tile.Height / Size.Height);
        return new Rect(tile.X, tile.Y + line * Step * factorY, LengthOf(line) * factorX, Map.Height * factorY);
    }

    /// <summary>The values of a line, row by row, with their width and height.</summary>
    /// <param name="line">Index of the line, from 0.</param>
    /// <param name="map">All values of the map.</param>
    public (float[] Values, Size Size) Cut(int line, ReadOnlySpan<float> map)
    {
        int width = LengthOf(line);
        float[] values = new float[width * Map.Height];
        for (int y = 0; y < Map.Height; y++)
            map.Slice(y * Map.Width + line * Line, width).CopyTo(values.AsSpan(y * width));
        return (values, new Size(width, Map.Height));
    }

    private int LengthOf(int line) => Math.Min(Line, Map.Width - line * Line);
}
