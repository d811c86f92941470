using System.Buffers;
using System.Buffers.Binary;

namespace CnnOnnx.Rendering.Png;

/// <summary>PNG of colour type 3: 8-bit indices into 256 colours. See the PNG specification (ISO 15948), chapters 5, 9 and 11.</summary>
internal static class PalettePng
{
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    /// <summary>Bytes that a picture takes at most, whatever is in it: deflate's fixed codes have nine bits at most.</summary>
    public static int MaxLength(Pixels indices) => checked((int)((indices.Width + 1L) * indices.Height * 37 / 32)) + 4096;

    /// <param name="stream">Not closed.</param>
    /// <param name="indices">Not empty.</param>
    /// <param name="paletteBgr">3 · 256 bytes.</param>
    public static void Write(Stream stream, Pixels indices, ReadOnlySpan<byte> paletteBgr)
    {
        stream.Write(Signature);

        Span<byte> header = [0, 0, 0, 0, 0, 0, 0, 0, /* bits */ 8, /* palette */ 3, /* deflate */ 0, /* filters */ 0, /* not interlaced */ 0];
        BinaryPrimitives.WriteInt32BigEndian(header, indices.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], indices.Height);
        PngChunk.Write(stream, "IHDR"u8, header);

        Span<byte> rgb = stackalloc byte[paletteBgr.Length];
        for (int i = 0; i < rgb.Length; i += 3)
            (rgb[i], rgb[i + 1], rgb[i + 2]) = (paletteBgr[i + 2], paletteBgr[i + 1], paletteBgr[i]);
        PngChunk.Write(stream, "PLTE"u8, rgb);

        using (var data = new PngDataStream(stream))
            Compress(indices, data);
        PngChunk.Write(stream, "IEND"u8, []);
    }

    // Maps are enlarged by repeating rows: those become zeros, of which the compressor is told the number alone.
    private static void Compress(Pixels pixels, Stream data)
    {
        using var deflate = new RunDeflate(data);
        RowFilter filter = RowFilter.For(pixels);
        byte[] rented = ArrayPool<byte>.Shared.Rent(1 + pixels.Width);
        Span<byte> line = rented.AsSpan(0, 1 + pixels.Width);
        line[0] = filter.Type;
        ReadOnlySpan<byte> above = [];
        for (int y = 0; y < pixels.Height; y++)
        {
            ReadOnlySpan<byte> row = pixels.Row(y);
            if (pixels.IsRepeat(y) || row.SequenceEqual(above))
            {
                deflate.Write(RowFilter.Above.Type, 1);
                deflate.Write(0, row.Length);
            }
            else
            {
                filter.Apply(row, above, line[1..]);
                deflate.Write(line);
            }

            above = row;
        }

        deflate.Finish();
        ArrayPool<byte>.Shared.Return(rented);
    }
}
