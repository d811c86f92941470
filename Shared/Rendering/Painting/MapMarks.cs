using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>
/// Marks beside and over maps that say what colours cannot: where maps end, and where their values are not just numbers.
/// </summary>
internal sealed class MapMarks(IndexedPicture picture)
{
    private const int WordMargin = 3;

    private readonly Pixels _pixels = picture.Pixels;
    private readonly Dictionary<string, DrawnText> _words = [];

    /// <summary>Counts the pixel rows of a tile, from below, that a mark changes, so that they do not repeat the ones above them.</summary>
    public static int OwnRows(MapFacts facts, int tileHeight) =>
        facts.NonFiniteCount > 0 ? tileHeight : facts.IsConstant ? Math.Min(tileHeight, TextPainter.Tiny.Height) : 0;

    /// <summary>
    /// Marks a constant map and one with NaN or infinite values: a word, and a map without any range flat and faint.
    /// </summary>
    /// <param name="isPerMap">The map was scaled by itself, so that the colour of a constant one means nothing.</param>
    public void Mark(MapFacts facts, bool isPerMap, Rect tile)
    {
        if (facts.NonFiniteCount == 0 && facts.IsConstant && isPerMap)
            _pixels.Fill(tile, picture.Palette.Faint);
        if (facts.NonFiniteCount > 0 || facts.IsConstant)
            Label(facts, tile);
    }

    /// <summary>Light and dark squares in place of values that are not finite.</summary>
    public void Checker(ReadOnlySpan<float> map, Size size, Rect tile)
    {
        (int factorX, int factorY) = (tile.Width / size.Width, tile.Height / size.Height);
        int square = Math.Max(1, Math.Min(factorX, factorY) / 4);
        for (int i = 0; i < map.Length; i++)
        {
            if (float.IsFinite(map[i]))
                continue;
            (int left, int top) = (i % size.Width * factorX, i / size.Width * factorY);
            for (int y = top; y < top + factorY; y++)
            {
                Span<byte> row = _pixels.Row(tile.Y + y, tile.X, tile.Width);
                for (int x = left; x < left + factorX; x++)
                    row[x] = (x / square + y / square) % 2 == 0 ? picture.Palette.Ink : picture.Palette.Ground;
            }
        }
    }

    /// <summary>Faint lines on the right and below each cell of a row, so that dark ones have an end.</summary>
    public void Lines(Rect row, int cell)
    {
        byte shade = picture.Palette.Ground;
        for (int y = row.Top; y < row.Bottom; y++)
        {
            Span<byte> pixels = _pixels.Row(y, row.X, row.Width);
            for (int x = cell - 1; x < pixels.Length; x += y == row.Bottom - 1 ? 1 : cell)
                pixels[x] = shade;
        }
    }

    private void Label(MapFacts facts, Rect tile)
    {
        foreach (string word in Words(facts))
        {
            if (!_words.TryGetValue(word, out DrawnText drawn))
                _words[word] = drawn = TextPainter.Draw($" {word} ", TextPainter.Tiny, picture.Palette);
            if (drawn.Size.Width + WordMargin > tile.Width || drawn.Size.Height > tile.Height)
                continue;
            drawn.Paste(picture, new Point(tile.X, tile.Bottom - drawn.Size.Height));
            return;
        }
    }

    // The longest one that fits is written.
    private static string[] Words(MapFacts facts) =>
        facts.IsConstant ? [$"= {Numbers.Short(facts.Range.Min)}", "="]
        : (facts.NanCount, facts.InfinityCount) switch
        {
            (0, var infinite) => [$"{infinite} Inf", "Inf"],
            (var nan, 0) => [$"{nan} NaN", "NaN"],
            var (nan, infinite) => [$"{nan} NaN {infinite} Inf", "NaN Inf", "NaN"],
        };
}
