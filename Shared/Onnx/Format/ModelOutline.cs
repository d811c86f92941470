using System.Buffers;
using System.Globalization;
using CnnOnnx.Onnx.Schema;
using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>
/// Reads everything of a model but its weights: an initializer's bytes become a reference to where they lie in the
/// model's own file, in the form that ONNX has for external data.
/// </summary>
internal static class ModelOutline
{
    // Small tensors are shapes and scalars; shape inference wants to see them, and they cost nothing.
    private const int InlineBytes = 1024;

    /// <exception cref="OnnxFormatException">The file is not a protobuf message, or ends early.</exception>
    /// <exception cref="InvalidProtocolBufferException">It is one, but not a model.</exception>
    public static ModelProto Read(string path)
    {
        byte[] outline = ReadBytes(path);
        try
        {
            return ModelProto.Parser.ParseFrom(outline);
        }
        // Of its faults the parser gives only the text; a second fault is thrown again.
        catch (InvalidProtocolBufferException)
        {
            return ModelProto.Parser.ParseFrom(StringRepair.Apply(outline));
        }
    }

    /// <summary>The outline as the bytes of a model: what <see cref="Read"/> parses.</summary>
    public static byte[] ReadBytes(string path)
    {
        using var mapped = new MappedFile(path);
        var outline = new ArrayBufferWriter<byte>();
        var model = new ProtoFields(mapped.Bytes);
        while (model.MoveNext())
        {
            if (model.Number == ModelProto.GraphFieldNumber && model.WireType == WireFormat.WireType.LengthDelimited)
                Nested(outline, ModelProto.GraphFieldNumber, GraphOutline(model.Body, model.BodyStart, Path.GetFileName(path)));
            else
                outline.Write(model.Whole);
        }

        return outline.WrittenSpan.ToArray();
    }

    /// <summary>True for a tensor whose bytes an outline left in the model's own file.</summary>
    public static bool IsInOwnFile(TensorProto tensor, string modelPath) =>
        tensor.DataLocation == TensorProto.Types.DataLocation.External
        && tensor.ExternalData.Any(e => e.Key == "location" && e.Value == Path.GetFileName(modelPath));

    private static ReadOnlySpan<byte> GraphOutline(ReadOnlySpan<byte> graph, int graphStart, string fileName)
    {
        var outline = new ArrayBufferWriter<byte>();
        var fields = new ProtoFields(graph);
        while (fields.MoveNext())
        {
            if (fields.Number == GraphProto.InitializerFieldNumber && fields.WireType == WireFormat.WireType.LengthDelimited)
                Nested(outline, GraphProto.InitializerFieldNumber, TensorOutline(fields.Body, graphStart + fields.BodyStart, fileName));
            else
                outline.Write(fields.Whole);
        }

        return outline.WrittenSpan;
    }

    private static ReadOnlySpan<byte> TensorOutline(ReadOnlySpan<byte> tensor, int tensorStart, string fileName)
    {
        var outline = new ArrayBufferWriter<byte>();
        var fields = new ProtoFields(tensor);
        while (fields.MoveNext())
        {
            if (fields.Number == TensorProto.RawDataFieldNumber && fields.Body.Length > InlineBytes)
                outline.Write(Reference(fileName, tensorStart + fields.BodyStart, fields.Body.Length).ToByteArray());
            else
                outline.Write(fields.Whole);
        }

        return outline.WrittenSpan;
    }

    public static TensorProto Reference(string fileName, long offset, long length)
    {
        var reference = new TensorProto { DataLocation = TensorProto.Types.DataLocation.External };
        foreach ((string key, string value) in new[]
        {
            ("location", fileName),
            ("offset", offset.ToString(CultureInfo.InvariantCulture)),
            ("length", length.ToString(CultureInfo.InvariantCulture)),
        })
            reference.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        return reference;
    }

    private static void Nested(ArrayBufferWriter<byte> outer, int field, ReadOnlySpan<byte> message)
    {
        outer.Write(ProtoHeader.Of(field, message.Length));
        outer.Write(message);
    }
}
