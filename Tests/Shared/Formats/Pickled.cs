using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace CnnOnnx.Tests.Formats;

/// <summary>Small pickles and checkpoints, written opcode by opcode.</summary>
internal static class Pickled
{
    /// <summary>data.pkl of torch.save(OrderedDict(w = [[1, 2], [3, 4]])) by PyTorch 1.13; its storage "0" has 16 bytes.</summary>
    public static readonly byte[] Weights = Convert.FromHexString(
        "800263636f6c6c656374696f6e730a4f726465726564446963740a710029527101580100000077710263746f7263682e5f7574696c730a5f72656275696c"
        + "645f74656e736f725f76320a71032828580700000073746f72616765710463746f7263680a466c6f617453746f726167650a71055801000000307106580300"
        + "000063707571074b04747108514b004b024b028671094b024b0186710a8968002952710b74710c52710d732e");

    /// <summary>The same dictionary as a complete file of the format before PyTorch 1.6.</summary>
    public static readonly byte[] Legacy = Convert.FromHexString(
        "80028a0a6cfc9c46f9206aa850192e80024de9032e80027d710028581000000070726f746f636f6c5f76657273696f6e71014de903580d0000006c6974746c"
        + "655f656e6469616e710288580a000000747970655f73697a657371037d710428580500000073686f727471054b025803000000696e7471064b045804000000"
        + "6c6f6e6771074b0475752e800263636f6c6c656374696f6e730a4f726465726564446963740a710029527101580100000077710263746f7263682e5f757469"
        + "6c730a5f72656275696c645f74656e736f725f76320a71032828580700000073746f72616765710463746f7263680a466c6f617453746f726167650a710558"
        + "0a000000313034303238343330347106580300000063707571074b044e747108514b004b024b028671094b024b0186710a8968002952710b74710c52710d"
        + "732e80025d7100580a000000313034303238343330347101612e04000000000000000000803f000000400000404000008040");

    public static readonly byte[] OneToFour = [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0x40];

    /// <summary>A checkpoint of PyTorch 1.6 and later.</summary>
    public static byte[] Zip(byte[] pickle, params (string Name, byte[] Content)[] others)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach ((string name, byte[] content) in others.Prepend(("data.pkl", pickle)).Append(("version", "3\n"u8.ToArray())))
            {
                using Stream entry = zip.CreateEntry("archive/" + name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }

        return stream.ToArray();
    }

    /// <summary>A pickle of a dictionary with one tensor, w.</summary>
    /// <param name="storage">Class of the storage, such as FloatStorage.</param>
    /// <param name="elements">Elements that the storage is said to have.</param>
    /// <param name="offset">The first element of the tensor.</param>
    public static byte[] Tensor(string storage, long elements, long offset, long[] sizes, long[] strides, string key = "0") =>
    [
        0x80, 2, (byte)'}', .. Text("w"), .. Global("torch._utils", "_rebuild_tensor_v2"),
        (byte)'(', (byte)'(', .. Text("storage"), .. Global("torch", storage), .. Text(key), .. Text("cpu"), .. Int(elements), (byte)'t',
        (byte)'Q', .. Int(offset), (byte)'(', .. sizes.SelectMany(Int), (byte)'t', (byte)'(', .. strides.SelectMany(Int), (byte)'t',
        0x89, .. Global("collections", "OrderedDict"), (byte)')', (byte)'R', (byte)'t', (byte)'R', (byte)'s', (byte)'.',
    ];

    public static byte[] Text(string text) =>
        [(byte)'X', .. BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public static byte[] Global(string module, string name) => Encoding.ASCII.GetBytes($"c{module}\n{name}\n");

    /// <summary>LONG1 of eight bytes.</summary>
    public static byte[] Int(long number)
    {
        byte[] bytes = new byte[10];
        (bytes[0], bytes[1]) = (0x8a, 8);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2), number);
        return bytes;
    }
}
