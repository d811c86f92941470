using System.Buffers.Binary;
using System.Collections.Frozen;
using System.IO.Compression;

namespace CnnOnnx.Rendering;

/// <summary>
/// Letters of DejaVu Sans as coverage of pixels, drawn once and kept as a resource (Font/bake-glyphs.html made it): pictures have a real
/// font on every machine, and no library is started for it. Letters stand at whole pixels.
/// </summary>
internal static class GlyphAtlas
{
    private const string Resource = "glyphs.bin";
    private const int Start = 128;

    private static readonly Lazy<TextStyle[]> Known = new(Read);

    /// <summary>Gives a style by its place in the file: title, plain, tiny.</summary>
    public static TextStyle Style(int place) => Known.Value[place];

    private static TextStyle[] Read()
    {
        using Stream packed = typeof(GlyphAtlas).Assembly.GetManifestResourceStream(Resource)!;
        using var unpacked = new MemoryStream();
        using (var inflate = new DeflateStream(packed, CompressionMode.Decompress))
            inflate.CopyTo(unpacked);
        byte[] bytes = unpacked.ToArray();
        List<TextStyle> styles = [];
        for (int at = 0; at < bytes.Length;)
        {
            (int ascent, int height, int count) = (bytes[at], bytes[at + 1], BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 2)));
            at += 4;
            var glyphs = new Dictionary<char, Glyph>(count);
            for (int i = 0; i < count; i++)
            {
                char letter = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
                (int advance, int left, int width) = (bytes[at + 2], Start - bytes[at + 3], bytes[at + 4]);
                at += 5;
                glyphs[letter] = new Glyph(advance, left, width, bytes.AsMemory(at, width * height));
                at += width * height;
            }

            styles.Add(new TextStyle(ascent, height, glyphs.ToFrozenDictionary()));
        }

        return [.. styles];
    }
}

/// <summary>One letter at one size.</summary>
/// <param name="Advance">Pixels from its start to that of the next letter.</param>
/// <param name="Left">Column of its first pixel, from its start; may be negative.</param>
/// <param name="Width">Columns that it covers.</param>
/// <param name="Coverage">Share of each pixel that is covered, 0 to 255; as many rows as the style is high.</param>
internal sealed record Glyph(int Advance, int Left, int Width, ReadOnlyMemory<byte> Coverage);
