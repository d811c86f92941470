using System.Buffers.Binary;

namespace CnnOnnx.Imaging;

/// <summary>What a picture file says about itself, read without decoding it, so that a size can be refused before memory is spent.</summary>
/// <param name="HasAlpha">The pixels may carry transparency.</param>
internal readonly record struct PictureHeader(string Format, long Width, long Height, bool HasAlpha)
{
    private static readonly (string Format, byte?[] Magic, Func<ReadOnlySpan<byte>, PictureHeader> Parse)[] Table =
    [
        ("PNG", Pattern("\u0089PNG\r\n\u001a\n"), Png),
        ("JPEG", Pattern("\u00ff\u00d8\u00ff"), Jpeg),
        ("BMP", Pattern("BM"), Bmp),
        ("WebP", Pattern("RIFF????WEBP"), WebP),
        ("GIF", Pattern("GIF8"), Gif),
        ("TIFF", Pattern("II*\0"), TiffHeader.LittleEndian),
        ("TIFF", Pattern("MM\0*"), TiffHeader.BigEndian),
    ];

    /// <summary>The formats that are understood, for messages.</summary>
    public static string Formats { get; } = string.Join(", ", Table.Select(row => row.Format).Distinct());

    /// <summary>Null when the bytes start like none of the formats. Sizes are 0 when the header is cut off.</summary>
    public static PictureHeader? Read(ReadOnlySpan<byte> file)
    {
        foreach ((_, byte?[] magic, Func<ReadOnlySpan<byte>, PictureHeader> parse) in Table)
            if (StartsWith(file, magic))
                return parse(file);
        return null;
    }

    /// <summary>An unsigned number of 1 to 4 bytes, highest first; 0 beyond the end of the file.</summary>
    internal static uint Big(ReadOnlySpan<byte> file, long at, int size)
    {
        uint number = 0;
        for (int i = 0; i < size; i++)
            number = number << 8 | At(file, at + i);
        return number;
    }

    /// <summary>An unsigned number of 1 to 4 bytes, lowest first; 0 beyond the end of the file.</summary>
    internal static uint Little(ReadOnlySpan<byte> file, long at, int size) =>
        BinaryPrimitives.ReverseEndianness(Big(file, at, size)) >> (32 - 8 * size);

    private static uint At(ReadOnlySpan<byte> file, long at) => at < file.Length ? file[(int)at] : 0u;

    private static byte?[] Pattern(string text) => [.. text.Select(c => c == '?' ? (byte?)null : (byte)c)];

    private static bool StartsWith(ReadOnlySpan<byte> file, byte?[] magic)
    {
        if (file.Length < magic.Length)
            return false;
        for (int i = 0; i < magic.Length; i++)
            if (magic[i] is byte expected && file[i] != expected)
                return false;
        return true;
    }

    // Signature, then chunks of (length, name, data, CRC), from IHDR to IEND. Colour types 4 and 6 have an alpha channel, a chunk
    // tRNS gives one to the others. A file that ends before IEND has no size: nobody decodes it.
    private static PictureHeader Png(ReadOnlySpan<byte> file)
    {
        const uint TRNS = 0x74524e53, IEND = 0x49454e44;
        bool alpha = Big(file, 25, 1) is 4 or 6;
        bool isWhole = false;
        for (long at = 8; !isWhole && at + 12 <= file.Length; at += 12 + (long)Big(file, at, 4))
        {
            uint name = Big(file, at + 4, 4);
            alpha |= name == TRNS;
            isWhole = name == IEND;
        }

        return isWhole ? new PictureHeader("PNG", Big(file, 16, 4), Big(file, 20, 4), alpha) : new PictureHeader("PNG", 0, 0, false);
    }

    // Segments of (FF, marker, length, data); a start-of-frame marker is followed by precision, height and width.
    private static PictureHeader Jpeg(ReadOnlySpan<byte> file)
    {
        for (long at = 2; at + 4 <= file.Length;)
        {
            uint marker = Big(file, at + 1, 1);
            if (file[(int)at] != 0xff || marker is 0xff or 0)
                at++;
            else if (marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc))
                return new PictureHeader("JPEG", Big(file, at + 7, 2), Big(file, at + 5, 2), false);
            else
                at += 2 + (marker is >= 0xd0 and <= 0xd8 or 1 ? 0 : Math.Max(2, Big(file, at + 2, 2)));
        }

        return new PictureHeader("JPEG", 0, 0, false);
    }

    // A height below zero means that the rows run from top to bottom.
    private static PictureHeader Bmp(ReadOnlySpan<byte> file) => Little(file, 14, 4) == 12
        ? new PictureHeader("BMP", Little(file, 18, 2), Little(file, 20, 2), false)
        : new PictureHeader("BMP", Math.Abs((long)(int)Little(file, 18, 4)), Math.Abs((long)(int)Little(file, 22, 4)), Little(file, 28, 2) == 32);

    private static PictureHeader WebP(ReadOnlySpan<byte> file) => Big(file, 12, 4) switch
    {
        // VP8, VP8L and VP8X: lossy, lossless, extended
        0x56503820 => new PictureHeader("WebP", Little(file, 26, 2) & 0x3fff, Little(file, 28, 2) & 0x3fff, false),
        0x5650384c when Little(file, 21, 4) is var bits =>
            new PictureHeader("WebP", (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1, (bits >> 28 & 1) != 0),
        0x56503858 => new PictureHeader("WebP", Little(file, 24, 3) + 1L, Little(file, 27, 3) + 1L, (Little(file, 20, 1) & 0x10) != 0),
        _ => new PictureHeader("WebP", 0, 0, false),
    };

    private static PictureHeader Gif(ReadOnlySpan<byte> file) => new("GIF", Little(file, 6, 2), Little(file, 8, 2), true);
}

/// <summary>The first image directory of a TIFF file: as many bytes as it takes to know the picture's size.</summary>
internal static class TiffHeader
{
    private const uint ImageWidth = 256, ImageLength = 257, ExtraSamples = 338;
    private const uint Short = 3;

    public static PictureHeader LittleEndian(ReadOnlySpan<byte> file) => Parse(file, PictureHeader.Little);

    public static PictureHeader BigEndian(ReadOnlySpan<byte> file) => Parse(file, PictureHeader.Big);

    // Byte order, 42, offset of the directory; there a count and entries of (tag, type, count, value), 12 bytes each.
    private static PictureHeader Parse(ReadOnlySpan<byte> file, Func<ReadOnlySpan<byte>, long, int, uint> number)
    {
        long directory = number(file, 4, 4);
        uint entries = number(file, directory, 2);
        long width = 0, height = 0;
        bool alpha = false;
        for (int i = 0; i < entries; i++)
        {
            long at = directory + 2 + 12L * i;
            uint tag = number(file, at, 2);
            uint value = number(file, at + 8, number(file, at + 2, 2) == Short ? 2 : 4);
            if (tag == ImageWidth)
                width = value;
            else if (tag == ImageLength)
                height = value;
            else if (tag == ExtraSamples)
                alpha = true;
        }

        return new PictureHeader("TIFF", width, height, alpha);
    }
}
