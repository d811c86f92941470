using System.Buffers.Binary;
using System.Text;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>PNG of colour type 3: 8-bit indices into 256 colours. See the PNG specification (ISO 15948), chapters 5 and 11.</summary>
internal static class PalettePng
{
    private const byte NoFilter = 0;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    /// <param name="stream">Not closed.</param>
    /// <param name="indices">8UC1, not empty.</param>
    /// <param name="paletteBgr">3 · 256 bytes.</param>
    public static void Write(Stream stream, Mat indices, ReadOnlySpan<byte> paletteBgr)
    {
        stream.Write(Signature);

        Span<byte> header = [0, 0, 0, 0, 0, 0, 0, 0, /* bits */ 8, /* palette */ 3, /* deflate */ 0, /* filters */ 0, /* not interlaced */ 0];
        BinaryPrimitives.WriteInt32BigEndian(header, indices.Cols);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], indices.Rows);
        WriteChunk(stream, "IHDR", header);

        Span<byte> rgb = stackalloc byte[paletteBgr.Length];
        for (int i = 0; i < rgb.Length; i += 3)
            (rgb[i], rgb[i + 1], rgb[i + 2]) = (paletteBgr[i + 2], paletteBgr[i + 1], paletteBgr[i]);
        WriteChunk(stream, "PLTE", rgb);

        // Every row unfiltered: differences of indices mean nothing.
        using IndexDeflate packed = IndexDeflate.Compress(new Pixels(indices), NoFilter);
        WriteChunk(stream, "IDAT", packed.Bytes);
        WriteChunk(stream, "IEND", []);
    }

    // Length, name, data, checksum of name and data.
    private static void WriteChunk(Stream stream, string name, ReadOnlySpan<byte> data)
    {
        Span<byte> start = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(start, data.Length);
        Encoding.ASCII.GetBytes(name, start[4..]);
        stream.Write(start);
        stream.Write(data);
        Span<byte> checksum = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc32.Finish(Crc32.Add(Crc32.Add(Crc32.Start, start[4..]), data)));
        stream.Write(checksum);
    }
}
