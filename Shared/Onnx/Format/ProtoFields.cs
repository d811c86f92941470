using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>
/// Walks over the fields of one protobuf message without decoding them, so that whole fields can be copied or left out
/// (protobuf.dev, "Encoding"). Positions count from the start of the message.
/// </summary>
internal ref struct ProtoFields
{
    private readonly ReadOnlySpan<byte> _message;

    public ProtoFields(ReadOnlySpan<byte> message) => _message = message;

    public int Number { get; private set; }

    public WireFormat.WireType WireType { get; private set; }

    /// <summary>Place of the field's first byte, its tag.</summary>
    public int Start { get; private set; }

    /// <summary>Place of the first byte of a length-delimited field's content.</summary>
    public int BodyStart { get; private set; }

    public int End { get; private set; }

    /// <summary>The field with its tag.</summary>
    public readonly ReadOnlySpan<byte> Whole => _message[Start..End];

    /// <summary>The content of a length-delimited field.</summary>
    public readonly ReadOnlySpan<byte> Body => _message[BodyStart..End];

    /// <exception cref="OnnxFormatException">The message ends in the middle of a field, or a field cannot be one.</exception>
    public bool MoveNext()
    {
        Start = End;
        if (Start == _message.Length)
            return false;
        int at = Start;
        ulong tag = Varint(ref at);
        Number = (int)(tag >> 3);
        WireType = (WireFormat.WireType)(tag & 7);
        if (Number is <= 0 or > (1 << 29) - 1)
            throw new OnnxFormatException($"byte {Start} starts a field with the number {Number}");
        ulong length = WireType switch
        {
            WireFormat.WireType.Varint => VarintLength(at),
            WireFormat.WireType.Fixed64 => 8,
            WireFormat.WireType.Fixed32 => 4,
            WireFormat.WireType.LengthDelimited => Varint(ref at),
            _ => throw new OnnxFormatException($"byte {Start} starts a field of unknown kind {(int)WireType}"),
        };
        BodyStart = at;
        if (length > (ulong)(_message.Length - at))
            throw new OnnxFormatException($"it ends inside field {Number}, which wants {length} bytes and has {_message.Length - at}");
        End = at + (int)length;
        return true;
    }

    /// <summary>Reads a varint of at most ten bytes.</summary>
    private readonly ulong Varint(ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (at == _message.Length)
                throw new OnnxFormatException("it ends inside a number");
            byte next = _message[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw new OnnxFormatException("a number is longer than ten bytes");
    }

    private readonly ulong VarintLength(int at)
    {
        int end = at;
        Varint(ref end);
        return (ulong)(end - at);
    }
}

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

/// <summary>Bytes that are not a protobuf message. Readers of files catch it and add the file's name.</summary>
internal sealed class OnnxFormatException(string problem) : Exception(problem);
