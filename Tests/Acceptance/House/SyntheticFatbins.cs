using System.Buffers.Binary;

namespace CnnOnnx.Tests.House;

/// <summary>
/// A library with two fatbins, as NVIDIA's compiler lays them out: for sm_75, sm_90 and sm_120 with headers of two sizes, and for
/// sm_90 and sm_120, with zeros between them.
/// </summary>
internal static class SyntheticFatbins
{
    public const int SectionStart = 64;

    /// <summary>Generation, offset within the section and bytes of each piece of code.</summary>
    public static (uint Arch, int Offset, int Length)[] Entries { get; } =
    [
        (75, 16 + 64, 24), (90, 16 + 64 + 24 + 64, 32), (120, 16 + 64 + 24 + 64 + 32 + 112, 40),
        (90, 360 + 16 + 64, 24), (120, 360 + 16 + 64 + 24 + 64, 16),
    ];

    public static byte[] Library()
    {
        var section = new List<byte>();
        section.AddRange(Fatbin((75, 64, 24), (90, 64, 32), (120, 112, 40)));
        section.AddRange(new byte[8]);
        section.AddRange(Fatbin((90, 64, 24), (120, 64, 16)));
        byte[] names = [.. "\0.nv_fatbin\0.shstrtab\0"u8];
        int namesStart = SectionStart + section.Count, table = namesStart + names.Length;

        var header = new byte[SectionStart];
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1 }.CopyTo(header, 0);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(0x28), table);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x3a), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x3c), 3);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x3e), 2);
        return [.. header, .. section, .. names,
            .. Section(0, 0, 0), .. Section(1, SectionStart, section.Count), .. Section(12, namesStart, names.Length)];
    }

    private static byte[] Fatbin(params (uint Arch, int Header, int Code)[] entries)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 0xBA55ED50);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), 16);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), entries.Sum(e => e.Header + e.Code));
        return [.. bytes, .. entries.SelectMany(Entry)];
    }

    private static byte[] Entry((uint Arch, int Header, int Code) entry)
    {
        var header = new byte[entry.Header];
        BinaryPrimitives.WriteUInt16LittleEndian(header, 2);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), (uint)entry.Header);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), entry.Code);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(28), entry.Arch);
        return [.. header, .. Enumerable.Range(1, entry.Code).Select(i => (byte)(entry.Arch + i))];
    }

    private static byte[] Section(uint name, long start, long size)
    {
        var header = new byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(header, name);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(0x18), start);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(0x20), size);
        return header;
    }
}
