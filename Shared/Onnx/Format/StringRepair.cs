using System.Buffers;
using System.Text;
using System.Text.Unicode;
using CnnOnnx.Onnx.Schema;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace CnnOnnx.Onnx;

/// <summary>
/// Makes the strings of a model UTF-8, which protobuf demands and some exporters do not write: comments, metadata, names in the
/// encoding of somebody's system. Such a string is read as Latin-1, so that two that differ stay different.
/// </summary>
internal static class StringRepair
{
    // As deep as the parser itself goes.
    private const int MostDepth = 100;

    /// <summary>The bytes of the model with every string in UTF-8.</summary>
    /// <param name="model">An outline, which is small.</param>
    /// <exception cref="OnnxFormatException">The bytes are not a protobuf message.</exception>
    public static byte[] Apply(ReadOnlySpan<byte> model)
    {
        var repaired = new ArrayBufferWriter<byte>(model.Length);
        Write(repaired, model, ModelProto.Descriptor, 0);
        return repaired.WrittenSpan.ToArray();
    }

    private static void Write(ArrayBufferWriter<byte> repaired, ReadOnlySpan<byte> message, MessageDescriptor type, int depth)
    {
        var fields = new ProtoFields(message);
        while (fields.MoveNext())
        {
            FieldType? field = fields.WireType == WireFormat.WireType.LengthDelimited ? type.FindFieldByNumber(fields.Number)?.FieldType
                : null;
            if (field == FieldType.Message && depth < MostDepth)
            {
                var inner = new ArrayBufferWriter<byte>();
                Write(inner, fields.Body, type.FindFieldByNumber(fields.Number).MessageType, depth + 1);
                WriteField(repaired, fields.Number, inner.WrittenSpan);
            }
            else if (field == FieldType.String && !Utf8.IsValid(fields.Body))
            {
                WriteField(repaired, fields.Number, Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(fields.Body)));
            }
            else
            {
                repaired.Write(fields.Whole);
            }
        }
    }

    private static void WriteField(ArrayBufferWriter<byte> repaired, int number, ReadOnlySpan<byte> body)
    {
        repaired.Write(ProtoHeader.Of(number, body.Length));
        repaired.Write(body);
    }
}
