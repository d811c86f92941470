using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace CnnOnnx.Formats;

/// <summary>A file inside a zip archive.</summary>
/// <param name="Name">Name with its folders.</param>
/// <param name="Offset">Place of its first byte in the archive.</param>
/// <param name="Packed">Bytes that it takes in the archive.</param>
/// <param name="Bytes">Bytes that it has.</param>
/// <param name="IsDeflated">It is compressed; else its bytes lie there as they are.</param>
internal sealed record ZipRecord(string Name, long Offset, long Packed, long Bytes, bool IsDeflated);

/// <summary>
/// The list of files of a zip archive, read so that the place of each in the archive is known: weights lie there as they are.
/// Names, places and sizes are checked against the archive and one another.
/// </summary>
internal static class ZipDirectory
{
    private const uint EndSignature = 0x06054b50, End64Signature = 0x06064b50, Locator64Signature = 0x07064b50;
    private const uint EntrySignature = 0x02014b50, LocalSignature = 0x04034b50;
    private const int EndBytes = 22, Locator64Bytes = 20, End64Bytes = 56, EntryBytes = 46, LocalBytes = 30, LongestComment = 65535;
    private const int MostDirectoryBytes = 64 << 20;
    private const int Encrypted = 1, Stored = 0, Deflated = 8;
    private const ushort Zip64Extra = 1;

    // Real weights hardly shrink; what is made of nothing but zeros may, up to this.
    private const long SmallEnough = 16 << 20;
    private const int MostShrunk = 64;

    /// <summary>Lists the files.</summary>
    /// <exception cref="BadInputException">Not a zip archive, damaged, encrypted, or packed to burst.</exception>
    public static IReadOnlyList<ZipRecord> Read(ByteSource source)
    {
        (long start, long bytes) = Find(source);
        if (bytes > MostDirectoryBytes)
            throw Fault(source, $"has a list of files of {bytes} bytes, expected at most {MostDirectoryBytes}");
        byte[] list = source.Read(start, bytes);
        var records = new List<ZipRecord>();
        var names = new HashSet<string>();
        for (int at = 0; at < list.Length;)
        {
            if (list.Length - at < EntryBytes || UInt32(list, at) != EntrySignature)
                throw Fault(source, $"has a list of files that is broken at byte {start + at}");
            int nameBytes = UInt16(list, at + 28), extraBytes = UInt16(list, at + 30), commentBytes = UInt16(list, at + 32);
            if (list.Length - at - EntryBytes < nameBytes + extraBytes + commentBytes)
                throw Fault(source, $"has a list of files that ends early, at byte {start + at}");
            ZipRecord record = Entry(source, list.AsSpan(at, EntryBytes), list.AsSpan(at + EntryBytes, nameBytes),
                list.AsSpan(at + EntryBytes + nameBytes, extraBytes), start);
            if (!names.Add(record.Name))
                throw Fault(source, $"has two files of the name '{record.Name}'");
            records.Add(record);
            at += EntryBytes + nameBytes + extraBytes + commentBytes;
        }

        Check(source, records);
        return records;
    }

    /// <summary>Reads a file whole, unpacked.</summary>
    /// <exception cref="BadInputException">It does not unpack to the bytes that it is said to have.</exception>
    public static byte[] Load(ByteSource source, ZipRecord record)
    {
        byte[] packed = source.Read(record.Offset, record.Packed);
        if (!record.IsDeflated)
            return packed;
        byte[] bytes = new byte[record.Bytes];
        try
        {
            using var inflated = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
            inflated.ReadExactly(bytes);
            if (inflated.ReadByte() >= 0)
                throw Fault(source, $"'{record.Name}' unpacks to more than its {record.Bytes} bytes");
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException)
        {
            throw Fault(source, $"'{record.Name}' does not unpack to its {record.Bytes} bytes ({fault.Message})");
        }

        return bytes;
    }

    private static ZipRecord Entry(ByteSource source, ReadOnlySpan<byte> entry, ReadOnlySpan<byte> nameBytes, ReadOnlySpan<byte> extra,
        long end)
    {
        string name = Encoding.UTF8.GetString(nameBytes);
        int flags = UInt16(entry, 8), method = UInt16(entry, 10);
        long packed = UInt32(entry, 20), bytes = UInt32(entry, 24), local = UInt32(entry, 42);
        Widen(extra, ref bytes, ref packed, ref local);
        if (name.Length == 0 || name.StartsWith('/') || name.Contains('\\') || name.Split('/').Contains(".."))
            throw Fault(source, $"has a file of the name '{name}', which leads out of the archive");
        if ((flags & Encrypted) != 0)
            throw Fault(source, $"'{name}' is encrypted");
        if (method is not (Stored or Deflated) || (method == Stored && packed != bytes))
            throw Fault(source, $"'{name}' is packed by method {method} from {bytes} to {packed} bytes, expected 0 (as it "
                + "is) or 8 (deflate)");
        if (local > end - LocalBytes || local < 0)
            throw Fault(source, $"'{name}' lies at byte {local}, behind the end of the files at {end}");
        // The local header has an extra part of its own, which aligns what follows.
        byte[] header = source.Read(local, (long)LocalBytes);
        if (UInt32(header, 0) != LocalSignature)
            throw Fault(source, $"'{name}' is not at byte {local}, where the archive says it is");
        long offset = local + LocalBytes + UInt16(header, 26) + UInt16(header, 28);
        if (packed < 0 || bytes < 0 || packed > end - offset)
            throw Fault(source, $"'{name}' takes {packed} bytes at byte {offset}, more than the archive has there");
        return new ZipRecord(name, offset, packed, bytes, method == Deflated);
    }

    private static void Check(ByteSource source, List<ZipRecord> records)
    {
        long reached = 0;
        foreach (ZipRecord record in records.OrderBy(r => r.Offset))
        {
            if (record.Offset < reached)
                throw Fault(source, $"'{record.Name}' at byte {record.Offset} lies over the file before it, which ends at {reached}");
            reached = record.Offset + record.Packed;
        }

        long unpacked = records.Where(r => r.IsDeflated).Sum(r => Math.Min(r.Bytes, long.MaxValue / (records.Count + 1)));
        if (unpacked > SmallEnough && unpacked / MostShrunk > source.Length)
            throw Fault(source, $"says that its {source.Length} bytes unpack to {unpacked}, more than {MostShrunk} times as many; weights "
                + "do not shrink so far");
    }

    /// <summary>Place and size of the list of files.</summary>
    private static (long Start, long Bytes) Find(ByteSource source)
    {
        int tail = (int)Math.Min(source.Length, EndBytes + LongestComment);
        byte[] end = source.Read(source.Length - tail, (long)tail);
        int at = end.Length - EndBytes;
        while (at >= 0 && UInt32(end, at) != EndSignature)
            at--;
        if (at < 0)
            throw Fault(source, "has no list of files at its end; it is cut off");
        long bytes = UInt32(end, at + 12), start = UInt32(end, at + 16), place = source.Length - tail + at;
        if (place >= Locator64Bytes && (bytes == uint.MaxValue || start == uint.MaxValue))
        {
            byte[] locator = source.Read(place - Locator64Bytes, (long)Locator64Bytes);
            if (UInt32(locator, 0) == Locator64Signature)
            {
                byte[] large = source.Read(Int64(locator, 8), (long)End64Bytes);
                if (UInt32(large, 0) != End64Signature)
                    throw Fault(source, "has a list of files that is not where the archive says it is");
                (bytes, start) = (Int64(large, 40), Int64(large, 48));
            }
        }

        return bytes >= 0 && start >= 0 && start <= place && bytes <= place - start ? (start, bytes)
            : throw Fault(source, $"says that its list of files has {bytes} bytes at byte {start}, more than there is; it is damaged");
    }

    // Sizes that do not fit into 32 bits stand in an extra part, in this order.
    private static void Widen(ReadOnlySpan<byte> extra, ref long bytes, ref long packed, ref long local)
    {
        while (extra.Length >= 4)
        {
            int id = UInt16(extra, 0), size = Math.Min(UInt16(extra, 2), extra.Length - 4);
            ReadOnlySpan<byte> content = extra.Slice(4, size);
            extra = extra[(4 + size)..];
            if (id != Zip64Extra)
                continue;
            Take(ref bytes, ref content);
            Take(ref packed, ref content);
            Take(ref local, ref content);
        }

        static void Take(ref long value, ref ReadOnlySpan<byte> content)
        {
            if (value != uint.MaxValue || content.Length < sizeof(long))
                return;
            value = Int64(content, 0);
            content = content[sizeof(long)..];
        }
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private static BadInputException Fault(ByteSource source, string problem) => new($"{source.Name}: {problem}");
}
