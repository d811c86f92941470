using System.IO.Compression;
using System.Text;

namespace CnnOnnx.Tests.Imaging;

/// <summary>Files of kinds that OpenCV reads and does not write.</summary>
internal static class HandmadePictures
{
    // Adam7: first column and row, and the steps, of each pass.
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>A PNG of one gray channel.</summary>
    /// <param name="bits">Bits of a sample: 1, 2, 4, 8 or 16.</param>
    /// <param name="samples">Gray levels, row by row.</param>
    /// <param name="transparent">Level of the transparent pixels.</param>
    /// <param name="interlaced">True for seven passes, coarse to fine.</param>
    public static byte[] GrayPng(int bits, int[,] samples, int transparent, bool interlaced)
    {
        int height = samples.GetLength(0), width = samples.GetLength(1);
        var rows = new List<byte>();
        foreach ((int x0, int y0, int stepX, int stepY) in interlaced ? Passes : [(0, 0, 1, 1)])
            for (int y = y0; y < height && x0 < width; y += stepY)
            {
                // No filter; samples of a row without gaps.
                rows.Add(0);
                var row = new StringBuilder();
                for (int x = x0; x < width; x += stepX)
                    row.Append(Convert.ToString(samples[y, x], 2).PadLeft(bits, '0'));
                string packed = row.ToString().PadRight((row.Length + 7) / 8 * 8, '0');
                for (int i = 0; i < packed.Length; i += 8)
                    rows.Add(Convert.ToByte(packed.Substring(i, 8), 2));
            }

        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionMode.Compress, leaveOpen: true))
            zlib.Write([.. rows]);
        return
        [
            0x89, .. "PNG\r\n"u8, 0x1a, (byte)'\n',
            .. Chunk("IHDR", [.. Big(width, 4), .. Big(height, 4), (byte)bits, 0, 0, 0, (byte)(interlaced ? 1 : 0)]),
            .. Chunk("tRNS", Big(transparent, 2)),
            .. Chunk("IDAT", compressed.ToArray()),
            .. Chunk("IEND", []),
        ];
    }

    /// <summary>Puts an EXIF orientation into a PNG, before its pixels.</summary>
    public static byte[] WithExif(byte[] png, int orientation) => [.. png[..33], .. Chunk("eXIf", Exif(orientation)), .. png[33..]];

    /// <summary>Puts an EXIF orientation into a lossless WebP without an extended header.</summary>
    public static byte[] WebPWithExif(byte[] webp, int width, int height, int orientation)
    {
        byte[] exif = Exif(orientation);
        byte[] body =
        [
            .. "WEBPVP8X"u8, 10, 0, 0, 0, 0x18, 0, 0, 0, .. Little(width - 1, 3), .. Little(height - 1, 3),
            .. webp[12..], .. "EXIF"u8, .. Little(exif.Length, 4), .. exif,
        ];
        return [.. "RIFF"u8, .. Little(body.Length, 4), .. body];
    }

    /// <summary>A TIFF without compression, in one strip.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="bits">Bits of a sample.</param>
    /// <param name="format">1 unsigned, 2 signed, 3 float; null to leave it out, which means 1.</param>
    /// <param name="photometric">0 white is zero, 1 black is zero, 2 RGB.</param>
    /// <param name="samples">Bytes of the samples, in the order of the file.</param>
    /// <param name="channels">Samples of a pixel.</param>
    /// <param name="extra">Meaning of a last channel; null for none.</param>
    /// <param name="bigEndian">True for a file whose numbers start with their highest byte.</param>
    public static byte[] Tiff(int width, int height, int bits, int? format, int photometric, byte[] samples,
        int channels = 1, int? extra = null, bool bigEndian = false)
    {
        List<(int Tag, int[] Values)> entries =
        [
            (256, [width]), (257, [height]), (258, [.. Enumerable.Repeat(bits, channels)]), (259, [1]), (262, [photometric]), (273, [0]),
            (277, [channels]), (278, [height]), (279, [samples.Length]),
        ];
        if (extra is { } meaning)
            entries.Add((338, [meaning]));
        if (format is { } kind)
            entries.Add((339, [.. Enumerable.Repeat(kind, channels)]));

        Func<int, int, byte[]> number = bigEndian ? Big : Little;
        int after = 8 + 2 + entries.Count * 12 + 4;
        int lists = entries.Sum(e => e.Values.Length > 2 ? 2 * e.Values.Length : 0);
        var directory = new List<byte>();
        var tail = new List<byte>();
        foreach ((int tag, int[] values) in entries)
        {
            byte[] field = tag == 273 ? number(after + lists, 4)
                : tag is 256 or 257 or 278 or 279 ? number(values[0], 4)
                : values.Length > 2 ? number(after + tail.Count, 4)
                : [.. values.SelectMany(v => number(v, 2)), .. new byte[4 - 2 * values.Length]];
            if (values.Length > 2)
                tail.AddRange(values.SelectMany(v => number(v, 2)));
            int type = tag is 256 or 257 or 273 or 278 or 279 ? 4 : 3;
            directory.AddRange([.. number(tag, 2), .. number(type, 2), .. number(values.Length, 4), .. field]);
        }

        return
        [
            .. bigEndian ? "MM\0*"u8 : "II*\0"u8, .. number(8, 4),
            .. number(entries.Count, 2), .. directory, 0, 0, 0, 0, .. tail, .. samples,
        ];
    }

    public static byte[] Big(int number, int size) => [.. Little(number, size).Reverse()];

    public static byte[] Little(int number, int size) => BitConverter.GetBytes(number)[..size];

    private static byte[] Exif(int orientation) =>
        [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

    private static byte[] Chunk(string name, byte[] data)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. data];
        return [.. Big(data.Length, 4), .. named, .. Big((int)Crc(named), 4)];
    }

    private static uint Crc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xedb88320);
        }

        return ~crc;
    }
}
