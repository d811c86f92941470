using System.Buffers.Binary;
using System.IO.Compression;

namespace CnnOnnx.Tests.Data;

/// <summary>IDX files for tests, right ones and, by their parts, wrong ones.</summary>
internal static class IdxFiles
{
    /// <summary>An IDX file of bytes.</summary>
    public static byte[] Bytes(int[] dims, byte[] elements, uint? magic = null)
    {
        byte[] header = new byte[4 + (4 * dims.Length)];
        BinaryPrimitives.WriteUInt32BigEndian(header, magic ?? (0x800u | (uint)dims.Length));
        for (int i = 0; i < dims.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), dims[i]);
        return [.. header, .. elements];
    }

    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
            gzip.Write(content);
        return packed.ToArray();
    }

    /// <summary>The four files of a set with pictures of 4x4 whose bytes count up, and labels that go round.</summary>
    public static void WriteSet(string folder, int train = 6, int test = 3, int classes = 3)
    {
        Directory.CreateDirectory(folder);
        foreach ((string prefix, int count) in new[] { ("train", train), ("t10k", test) })
        {
            byte[] pixels = [.. Enumerable.Range(0, count * 16).Select(i => (byte)i)],
                labels = [.. Enumerable.Range(0, count).Select(i => (byte)(i % classes))];
            File.WriteAllBytes(Path.Combine(folder, $"{prefix}-images-idx3-ubyte.gz"), Gzip(Bytes([count, 4, 4], pixels)));
            File.WriteAllBytes(Path.Combine(folder, $"{prefix}-labels-idx1-ubyte.gz"), Gzip(Bytes([count], labels)));
        }
    }
}
