using System.Buffers.Binary;

namespace CnnOnnx.Imaging;

/// <summary>
/// The first image directory of a TIFF file, and of EXIF data, which are the same: byte order, 42, offset of the directory; there a
/// count and entries of (tag, type, count, value or where it is), 12 bytes each.
/// </summary>
internal static class TiffDirectory
{
    private const uint ImageWidth = 256, ImageLength = 257, BitsPerSample = 258, Compression = 259, Photometric = 262;
    private const uint Orientation = 274, SamplesPerPixel = 277, ExtraSamples = 338, SampleFormat = 339;

    private const uint Unsigned = 1, Signed = 2, Float = 3;

    private const int EntrySize = 12;

    // Bytes of a number by its type: bytes, shorts and longs, whole and signed; others are not asked for.
    private static readonly Dictionary<uint, int> Sizes = new() { [1] = 1, [3] = 2, [4] = 4, [6] = 1, [8] = 2, [9] = 4 };

    // None, two faxes, LZW, Deflate under two numbers, PackBits.
    private static readonly HashSet<uint> KnownCompression = [1, 3, 4, 5, 8, 32773, 32946];

    private static readonly Dictionary<uint, string> Colours = new() { [3] = "palette", [5] = "CMYK", [6] = "YCbCr", [8] = "Lab" };

    /// <summary>Reads what is asked of the first picture of a TIFF file. Sizes are 0 when the file is cut off.</summary>
    /// <param name="file">All bytes of the file.</param>
    public static PictureHeader HeaderOf(ReadOnlySpan<byte> file)
    {
        Dictionary<uint, uint> tags = Tags(file);
        uint bits = Value(tags, BitsPerSample, 1), format = Value(tags, SampleFormat, Unsigned), photometric = Value(tags, Photometric, 1);
        // Other extra samples are no transparency. The decoder multiplies 8-bit colours by it, and no others.
        uint extra = Value(tags, ExtraSamples, 0);
        return new PictureHeader("TIFF", Value(tags, ImageWidth, 0), Value(tags, ImageLength, 0), extra is 1 or 2)
        {
            Bits = (int)Math.Min(bits, byte.MaxValue),
            IsUnsigned32 = bits == 32 && format == Unsigned,
            IsPremultiplied = bits <= 8 || extra == 1,
            WhiteIsZero = bits > 8 && photometric == 0,
            Unusual = Describe(bits, format, photometric, Value(tags, Compression, 1)),
        };
    }

    /// <summary>Reads the orientation of EXIF data: 1 to 8, or 0 where there is none.</summary>
    /// <param name="exif">Bytes that start with the byte order.</param>
    public static int OrientationOf(ReadOnlySpan<byte> exif) => (int)Value(Tags(exif), Orientation, 0);

    /// <summary>Copies a file, with samples that are called signed: the same bits, which a decoder without unsigned ones reads.</summary>
    /// <param name="file">A file whose directory is whole.</param>
    public static byte[] AsSigned(ReadOnlySpan<byte> file)
    {
        bool isBig = IsBig(file);
        long directory = Number(file, 4, 4, isBig);
        int entries = (int)Number(file, directory, 2, isBig);
        if (directory + 2 + (long)entries * EntrySize > file.Length)
            return file.ToArray();
        int samples = (int)Math.Clamp(Value(Tags(file), SamplesPerPixel, 1), 1, 16);

        // Behind the file: the numbers of the new entry, and the directory with it in the order of the tags.
        int numbers = file.Length + (file.Length & 1), moved = numbers + 2 * samples + (samples & 1) * 2;
        byte[] copy = new byte[moved + 2 + (entries + 1) * EntrySize + 4];
        file.CopyTo(copy);
        for (int i = 0; i < samples; i++)
            Write(copy, numbers + 2 * i, Signed, 2, isBig);
        int to = moved + 2, count = 0;
        bool isWritten = false;
        for (int i = 0; i < entries; i++)
        {
            ReadOnlySpan<byte> entry = file.Slice((int)directory + 2 + i * EntrySize, EntrySize);
            uint tag = Number(entry, 0, 2, isBig);
            if (tag >= SampleFormat && !isWritten)
                WriteFormat();
            if (tag == SampleFormat)
                continue;
            entry.CopyTo(copy.AsSpan(to));
            (to, count) = (to + EntrySize, count + 1);
        }

        if (!isWritten)
            WriteFormat();
        Write(copy, moved, (uint)count, 2, isBig);
        Write(copy, 4, (uint)moved, 4, isBig);
        return copy;

        void WriteFormat()
        {
            Write(copy, to, SampleFormat, 2, isBig);
            Write(copy, to + 2, 3, 2, isBig);
            Write(copy, to + 4, (uint)samples, 4, isBig);
            if (samples <= 2)
                copy.AsSpan(numbers, 2 * samples).CopyTo(copy.AsSpan(to + 8));
            else
                Write(copy, to + 8, (uint)numbers, 4, isBig);
            (to, count, isWritten) = (to + EntrySize, count + 1, true);
        }
    }

    private static string? Describe(uint bits, uint format, uint photometric, uint compression)
    {
        List<string> unusual = [];
        bool isRead = format switch
        {
            Float => bits is 32 or 64,
            Signed => bits is 8 or 16 or 32,
            _ => bits is 1 or 8 or 10 or 12 or 14 or 16 or 32,
        };
        if (!isRead)
            unusual.Add($"{bits}-bit {(format == Float ? "float" : "integer")} samples");
        if (photometric > 2 && (bits != 8 || !Colours.ContainsKey(photometric)))
            unusual.Add(Colours.TryGetValue(photometric, out string? colours)
                ? $"{bits}-bit {colours} colours"
                : $"photometric interpretation {photometric}");
        if (!KnownCompression.Contains(compression))
            unusual.Add($"compression {compression}");
        return unusual.Count == 0 ? null : string.Join(" and ", unusual);
    }

    private static uint Value(Dictionary<uint, uint> tags, uint tag, uint usual) => tags.GetValueOrDefault(tag, usual);

    // The first number of each entry.
    private static Dictionary<uint, uint> Tags(ReadOnlySpan<byte> file)
    {
        bool isBig = IsBig(file);
        long directory = Number(file, 4, 4, isBig);
        uint entries = Number(file, directory, 2, isBig);
        var tags = new Dictionary<uint, uint>();
        for (int i = 0; i < entries; i++)
        {
            long at = directory + 2 + (long)EntrySize * i;
            if (at + EntrySize > file.Length || !Sizes.TryGetValue(Number(file, at + 2, 2, isBig), out int size))
                continue;
            bool isInside = (ulong)Number(file, at + 4, 4, isBig) * (ulong)size <= 4;
            tags.TryAdd(Number(file, at, 2, isBig), Number(file, isInside ? at + 8 : Number(file, at + 8, 4, isBig), size, isBig));
        }

        return tags;
    }

    private static bool IsBig(ReadOnlySpan<byte> file) => file.Length > 0 && file[0] == 'M';

    private static uint Number(ReadOnlySpan<byte> file, long at, int size, bool isBig) =>
        isBig ? PictureHeader.Big(file, at, size) : PictureHeader.Little(file, at, size);

    private static void Write(Span<byte> file, int at, uint number, int size, bool isBig)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (isBig)
            BinaryPrimitives.WriteUInt32BigEndian(bytes, number << (32 - 8 * size));
        else
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        bytes[..size].CopyTo(file[at..]);
    }
}
