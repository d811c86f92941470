using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>Tag and length that stand before a message inside another message.</summary>
internal static class ProtoHeader
{
    public static byte[] Of(int field, long length)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteUInt64((ulong)length);
        }

        return bytes.ToArray();
    }
}
