using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>PNG of colour type 3: 8-bit indices into 256 colours. See the PNG specification (ISO 15948), chapters 5, 9 and 11.</summary>
internal static class PalettePng
{
    // Filters of a row: as it is; differences from the row above.
    private const byte None = 0, Up = 2;

    // Rows go to the compressor this many bytes at a time: a call for each row costs as much as compressing it.
    private const int BlockSize = 1 << 16;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    /// <summary>Bytes that a picture takes at most, whatever is in it: deflate's fixed codes have nine bits at most.</summary>
    public static int MaxLength(Mat indices) => checked((int)((indices.Cols + 1L) * indices.Rows * 37 / 32)) + 4096;

    /// <param name="stream">Not closed.</param>
    /// <param name="indices">8UC1, not empty.</param>
    /// <param name="paletteBgr">3 · 256 bytes.</param>
    public static void Write(Stream stream, Mat indices, ReadOnlySpan<byte> paletteBgr)
    {
        stream.Write(Signature);

        Span<byte> header = [0, 0, 0, 0, 0, 0, 0, 0, /* bits */ 8, /* palette */ 3, /* deflate */ 0, /* filters */ 0, /* not interlaced */ 0];
        BinaryPrimitives.WriteInt32BigEndian(header, indices.Cols);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], indices.Rows);
        PngChunk.Write(stream, "IHDR"u8, header);

        Span<byte> rgb = stackalloc byte[paletteBgr.Length];
        for (int i = 0; i < rgb.Length; i += 3)
            (rgb[i], rgb[i + 1], rgb[i + 2]) = (paletteBgr[i + 2], paletteBgr[i + 1], paletteBgr[i]);
        PngChunk.Write(stream, "PLTE"u8, rgb);

        using (var data = new PngDataStream(stream))
            Compress(indices, data);
        PngChunk.Write(stream, "IEND"u8, []);
    }

    // Differences of indices mean nothing, so rows stay as they are. But maps are enlarged by repeating rows: those become
    // all zeros, which deflate passes over at its greatest length of a match.
    private static void Compress(Mat indices, Stream data)
    {
        using var deflate = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true);
        var pixels = new Pixels(indices);
        int line = 1 + pixels.Width, filled = 0;
        byte[] block = ArrayPool<byte>.Shared.Rent(Math.Max(BlockSize, line));
        for (int y = 0; y < pixels.Height; y++)
        {
            if (filled + line > block.Length)
            {
                deflate.Write(block, 0, filled);
                filled = 0;
            }

            Filter(pixels, y, block.AsSpan(filled, line));
            filled += line;
        }

        deflate.Write(block, 0, filled);
        ArrayPool<byte>.Shared.Return(block);
    }

    private static void Filter(Pixels pixels, int y, Span<byte> line)
    {
        ReadOnlySpan<byte> row = pixels.Row(y);
        bool isRepeated = y > 0 && row.SequenceEqual(pixels.Row(y - 1));
        line[0] = isRepeated ? Up : None;
        if (isRepeated)
            line[1..].Clear();
        else
            row.CopyTo(line[1..]);
    }
}
