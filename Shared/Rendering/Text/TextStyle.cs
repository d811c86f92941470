using System.Collections.Frozen;
using System.Numerics.Tensors;

namespace CnnOnnx.Rendering;

/// <summary>Letters at a size.</summary>
/// <param name="ascent">Pixels above the base line.</param>
/// <param name="height">Pixels of a line.</param>
/// <param name="glyphs">Letters that there are; the question mark is one of them.</param>
internal sealed class TextStyle(int ascent, int height, FrozenDictionary<char, Glyph> glyphs)
{
    /// <summary>Stands for what the font does not have.</summary>
    public const char Missing = '?';

    public int Ascent => ascent;

    public int Height => height;

    public bool Has(char letter) => glyphs.ContainsKey(letter);

    /// <summary>Measures the pixels from the start of a letter to that of the next.</summary>
    public int AdvanceOf(char letter) => Of(letter).Advance;

    /// <summary>Draws a letter over what is there.</summary>
    /// <param name="letter">A letter of the font.</param>
    /// <param name="coverage">Share of each pixel that is covered, 0 to 255; as many rows as the style is high.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="x">Column at which the letter starts.</param>
    public void Draw(char letter, Span<byte> coverage, int width, int x)
    {
        Glyph glyph = Of(letter);
        int start = x + glyph.Left, from = Math.Max(0, -start), to = Math.Min(glyph.Width, width - start);
        if (to <= from)
            return;
        ReadOnlySpan<byte> pixels = glyph.Coverage.Span;
        for (int y = 0; y < height; y++)
        {
            Span<byte> target = coverage.Slice(y * width + start + from, to - from);
            TensorPrimitives.Max(pixels.Slice(y * glyph.Width + from, to - from), target, target);
        }
    }

    private Glyph Of(char letter) => glyphs.TryGetValue(letter, out Glyph? glyph) ? glyph : glyphs[Missing];
}
