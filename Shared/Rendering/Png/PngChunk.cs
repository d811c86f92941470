using System.Buffers.Binary;
using System.IO.Hashing;

namespace CnnOnnx.Rendering.Png;

/// <summary>A part of a PNG file: length, name, data, checksum of name and data.</summary>
internal static class PngChunk
{
    private const int NameLength = 4;

    public static void Write(Stream png, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        Span<byte> start = stackalloc byte[sizeof(int) + NameLength];
        BinaryPrimitives.WriteInt32BigEndian(start, data.Length);
        name.CopyTo(start[sizeof(int)..]);
        png.Write(start);
        png.Write(data);
        var checksum = new Crc32();
        checksum.Append(name);
        checksum.Append(data);
        Span<byte> end = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(end, checksum.GetCurrentHashAsUInt32());
        png.Write(end);
    }
}
