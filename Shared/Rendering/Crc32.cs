using System.Buffers.Binary;

namespace CnnOnnx.Rendering;

/// <summary>The checksum of PNG chunks (ISO 3309, polynomial EDB88320 reflected), eight bytes at a time.</summary>
internal static class Crc32
{
    private const int Slices = 8;

    // Row k: what a byte contributes when k more bytes follow it.
    private static readonly uint[][] Tables = MakeTables();

    public static uint Start => uint.MaxValue;

    public static uint Finish(uint crc) => ~crc;

    public static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[][] t = Tables;
        for (; bytes.Length >= Slices; bytes = bytes[Slices..])
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = t[7][(byte)low] ^ t[6][(byte)(low >> 8)] ^ t[5][(byte)(low >> 16)] ^ t[4][low >> 24]
                ^ t[3][(byte)high] ^ t[2][(byte)(high >> 8)] ^ t[1][(byte)(high >> 16)] ^ t[0][high >> 24];
        }

        foreach (byte value in bytes)
            crc = t[0][(byte)(crc ^ value)] ^ crc >> 8;
        return crc;
    }

    private static uint[][] MakeTables()
    {
        uint[][] tables = [.. Enumerable.Range(0, Slices).Select(_ => new uint[256])];
        for (uint value = 0; value < 256; value++)
        {
            uint crc = value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
            tables[0][value] = crc;
        }

        for (int k = 1; k < Slices; k++)
            for (int value = 0; value < 256; value++)
                tables[k][value] = tables[0][(byte)tables[k - 1][value]] ^ tables[k - 1][value] >> 8;
        return tables;
    }
}
