using System.Buffers.Binary;

namespace CnnOnnx.Imaging;

/// <summary>
/// Facts that a picture file states about itself, read without decoding it: a size can be refused before memory is spent, and the
/// decoder is told what it leaves to its caller.
/// </summary>
/// <param name="Format">Name of the format, such as PNG.</param>
/// <param name="Width">Columns; 0 when the header is cut off.</param>
/// <param name="Height">Rows; 0 when the header is cut off.</param>
/// <param name="HasAlpha">True when pixels may carry transparency.</param>
internal readonly record struct PictureHeader(string Format, long Width, long Height, bool HasAlpha)
{
    private static readonly (string Format, byte?[] Magic, Func<ReadOnlySpan<byte>, PictureHeader> Parse)[] Table =
    [
        ("PNG", Pattern("\u0089PNG\r\n\u001a\n"), Png),
        ("JPEG", Pattern("\u00ff\u00d8\u00ff"), Jpeg),
        ("BMP", Pattern("BM"), Bmp),
        ("WebP", Pattern("RIFF????WEBP"), WebP),
        ("GIF", Pattern("GIF8"), Gif),
        ("TIFF", Pattern("II*\0"), TiffDirectory.HeaderOf),
        ("TIFF", Pattern("MM\0*"), TiffDirectory.HeaderOf),
        .. from digit in "123456"
           from space in "\n\r\t #"
           select ("PNM", Pattern($"P{digit}{space}"), (Func<ReadOnlySpan<byte>, PictureHeader>)Pnm),
    ];

    // Files that stand where pictures are expected, and are none that can be decoded.
    private static readonly (string Name, byte?[] Magic)[] Others =
    [
        ("a Radiance HDR picture", Pattern("#?RADIANCE")), ("a Radiance HDR picture", Pattern("#?RGBE")),
        ("an OpenEXR picture", Pattern("v/1\u0001")),
        ("a JPEG 2000 picture", Pattern("\0\0\0\u000cjP  ")), ("a JPEG 2000 picture", Pattern("\u00ff\u004f\u00ff\u0051")),
        ("an AVIF picture", Pattern("????ftypavi")),
        ("a HEIC picture", Pattern("????ftyphe")), ("a HEIC picture", Pattern("????ftypmif1")), ("a HEIC picture", Pattern("????ftypmsf1")),
        ("a JPEG XL picture", Pattern("\u00ff\u000a")), ("a JPEG XL picture", Pattern("\0\0\0\u000cJXL ")),
        ("a BigTIFF picture", Pattern("II+\0")), ("a BigTIFF picture", Pattern("MM\0+")),
        ("a Photoshop picture", Pattern("8BPS")), ("an icon", Pattern("\0\0\u0001\0")), ("a QOI picture", Pattern("qoif")),
        ("a PAM picture", Pattern("P7\n")), ("a PFM picture", Pattern("PF\n")), ("a PFM picture", Pattern("Pf\n")),
        ("a FITS picture", Pattern("SIMPLE  =")), ("a DICOM picture", Pattern(new string('?', 128) + "DICM")),
        ("an SVG drawing", Pattern("<svg")), ("a PDF document", Pattern("%PDF")), ("an HTML page", Pattern("<!DOCTYPE html")),
        ("an HTML page", Pattern("<html")), ("an XML document", Pattern("<?xml")), ("a zip archive", Pattern("PK\u0003\u0004")),
        ("a Git LFS pointer ('git lfs pull' fetches the picture itself)", Pattern("version https://git-lfs")),
    ];

    /// <summary>Formats that are understood, for messages.</summary>
    public static string Formats { get; } = string.Join(", ", Table.Select(row => row.Format).Distinct());

    /// <summary>EXIF orientation 1 to 8 where the decoder leaves turning to its caller; else 0.</summary>
    public int Orientation { get; init; }

    /// <summary>Gray level, as decoded, of a PNG's transparent pixels; null when none is.</summary>
    public int? TransparentGray { get; init; }

    /// <summary>Sample value of white where it is less than the decoded depth's; null for that.</summary>
    public int? White { get; init; }

    /// <summary>True when samples are the larger the darker they are, and the decoder leaves them so.</summary>
    public bool WhiteIsZero { get; init; }

    /// <summary>Bits of a sample of a TIFF; 0 for other formats.</summary>
    public int Bits { get; init; }

    /// <summary>True for unsigned 32-bit samples, which the decoder knows as signed ones only.</summary>
    public bool IsUnsigned32 { get; init; }

    /// <summary>True when colours are stored multiplied by their transparency.</summary>
    public bool IsPremultiplied { get; init; }

    /// <summary>Names the part of the file's coding that not every decoder knows; null when there is none.</summary>
    public string? Unusual { get; init; }

    /// <summary>Reads the header; null when the bytes start like none of the formats. Sizes are 0 when the header is cut off.</summary>
    /// <param name="file">All bytes of the file.</param>
    public static PictureHeader? Read(ReadOnlySpan<byte> file)
    {
        foreach ((_, byte?[] magic, Func<ReadOnlySpan<byte>, PictureHeader> parse) in Table)
            if (StartsWith(file, magic))
                return parse(file);
        return null;
    }

    /// <summary>Names a file that is no picture that can be decoded, with its article; null for an unknown one.</summary>
    /// <param name="file">First bytes of the file.</param>
    public static string? NameOther(ReadOnlySpan<byte> file)
    {
        foreach ((string name, byte?[] magic) in Others)
            if (StartsWith(file, magic))
                return name;
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
        const uint TRNS = 0x74524e53, EXIF = 0x65584966, IEND = 0x49454e44;
        int bits = (int)Big(file, 24, 1), colour = (int)Big(file, 25, 1);
        bool alpha = colour is 4 or 6, isWhole = false;
        int? gray = null;
        int orientation = 0;
        for (long at = 8, length; !isWhole && at + 12 <= file.Length; at += 12 + length)
        {
            length = Big(file, at, 4);
            uint name = Big(file, at + 4, 4);
            isWhole = name == IEND;
            alpha |= name == TRNS;
            // Of 1, 2 and 4 bits a decoder makes 8, so that white stays white.
            if (name == TRNS && colour == 0)
                gray = (int)(Big(file, at + 8, 2) & ((1 << bits) - 1)) * (bits < 8 ? byte.MaxValue / ((1 << bits) - 1) : 1);
            if (name == EXIF && at + 8 + length <= file.Length)
                orientation = TiffDirectory.OrientationOf(file.Slice((int)at + 8, (int)length));
        }

        return !isWhole
            ? new PictureHeader("PNG", 0, 0, false)
            : new PictureHeader("PNG", Big(file, 16, 4), Big(file, 20, 4), alpha)
            {
                TransparentGray = gray,
                Orientation = alpha ? orientation : 0,
            };
    }

    // Segments of (FF, marker, length, data); a start-of-frame marker is followed by precision, height and width.
    private static PictureHeader Jpeg(ReadOnlySpan<byte> file)
    {
        for (long at = 2; at + 4 <= file.Length;)
        {
            uint marker = Big(file, at + 1, 1), bits = Big(file, at + 4, 1);
            if (file[(int)at] != 0xff || marker is 0xff or 0)
                at++;
            else if (marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc))
                return new PictureHeader("JPEG", Big(file, at + 7, 2), Big(file, at + 5, 2), false)
                {
                    Unusual = bits != 8 ? $"{bits} bits a sample"
                        : marker > 0xc8 ? "arithmetic coding"
                        : marker > 0xc2 ? "lossless or hierarchical coding"
                        : null,
                };
            else
                at += 2 + (marker is >= 0xd0 and <= 0xd8 or 1 ? 0 : Math.Max(2, Big(file, at + 2, 2)));
        }

        return new PictureHeader("JPEG", 0, 0, false);
    }

    // A height below zero means that the rows run from top to bottom.
    private static PictureHeader Bmp(ReadOnlySpan<byte> file) => Little(file, 14, 4) == 12
        ? new PictureHeader("BMP", Little(file, 18, 2), Little(file, 20, 2), false)
        : new PictureHeader("BMP",
            Math.Abs((long)(int)Little(file, 18, 4)), Math.Abs((long)(int)Little(file, 22, 4)), Little(file, 28, 2) == 32)
        {
            // 0 to 3: plain, two run lengths, bit fields
            Unusual = Little(file, 30, 4) is > 3 and < 100 and var coding ? $"compression {coding}" : null,
        };

    private static PictureHeader WebP(ReadOnlySpan<byte> file) => Big(file, 12, 4) switch
    {
        // VP8, VP8L and VP8X: lossy, lossless, extended
        0x56503820 => new PictureHeader("WebP", Little(file, 26, 2) & 0x3fff, Little(file, 28, 2) & 0x3fff, false),
        0x5650384c when Little(file, 21, 4) is var bits =>
            new PictureHeader("WebP", (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1, (bits >> 28 & 1) != 0),
        0x56503858 when Little(file, 20, 1) is var flags =>
            new PictureHeader("WebP", Little(file, 24, 3) + 1L, Little(file, 27, 3) + 1L, (flags & 0x10) != 0)
            {
                Orientation = (flags & 0x10) != 0 ? ExifOfWebP(file) : 0,
            },
        _ => new PictureHeader("WebP", 0, 0, false),
    };

    // RIFF chunks of (name, length, data, even); some programs put JPEG's "Exif" before the data.
    private static int ExifOfWebP(ReadOnlySpan<byte> file)
    {
        const uint EXIF = 0x45584946, Prefix = 0x45786966;
        for (long at = 12, length; at + 8 <= file.Length; at += 8 + length + (length & 1))
        {
            length = Little(file, at + 4, 4);
            if (Big(file, at, 4) != EXIF || at + 8 + length > file.Length)
                continue;
            ReadOnlySpan<byte> exif = file.Slice((int)at + 8, (int)length);
            return TiffDirectory.OrientationOf(Big(exif, 0, 4) == Prefix && exif.Length > 6 ? exif[6..] : exif);
        }

        return 0;
    }

    private static PictureHeader Gif(ReadOnlySpan<byte> file) => new("GIF", Little(file, 6, 2), Little(file, 8, 2), true);

    // A letter P and a digit, width, height and, but for 1 and 4 (one bit), white; in decimal, with comments between.
    private static PictureHeader Pnm(ReadOnlySpan<byte> file)
    {
        int kind = file[1] - '0', at = 2;
        long width = Decimal(file, ref at), height = Decimal(file, ref at), white = kind is 1 or 4 ? 1 : Decimal(file, ref at);
        return white is < 1 or > ushort.MaxValue
            ? new PictureHeader("PNM", 0, 0, false)
            : new PictureHeader("PNM", width, height, false)
            {
                // The decoder brings only text with up to 8 bits to its full range.
                White = kind is 1 or 4 || white is byte.MaxValue or ushort.MaxValue || kind < 4 && white < byte.MaxValue
                    ? null
                    : (int)white,
            };
    }

    private static long Decimal(ReadOnlySpan<byte> file, ref int at)
    {
        for (bool isComment = false; at < file.Length && (isComment || !char.IsAsciiDigit((char)file[at])); at++)
            isComment = file[at] == '#' || isComment && file[at] != '\n';
        long number = 0;
        for (; at < file.Length && char.IsAsciiDigit((char)file[at]) && number < int.MaxValue; at++)
            number = 10 * number + file[at] - '0';
        return number;
    }
}
