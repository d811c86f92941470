using CnnOnnx.Onnx.Schema;
using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>
/// Adds outputs to a model on the level of its bytes: everything that was there stays as it was, to the bit, and weights
/// are copied through, not parsed. The new outputs are appended inside the graph message, so the file has one graph.
/// </summary>
internal static class GraphExposure
{
    /// <summary>The tensors that nodes make and that are not outputs yet, in the order in which they are made.</summary>
    public static IEnumerable<string> Hidden(OnnxGraph graph)
    {
        var outputs = graph.Outputs.Select(o => o.Name).ToHashSet();
        return graph.NodeOutputs.Where(name => !outputs.Contains(name));
    }

    /// <summary>Writes the model with more outputs. A value of which nothing but the name is known is written as just a name.</summary>
    public static void Write(ReadOnlySpan<byte> model, IEnumerable<OnnxValue> outputs, Stream destination)
    {
        (int start, int bodyStart, int end) = FindGraph(model);
        var tail = new GraphProto();
        tail.Output.AddRange(outputs.Select(o => o.ToProto()));
        byte[] added = tail.ToByteArray();

        destination.Write(model[..start]);
        destination.Write(ProtoHeader.Of(ModelProto.GraphFieldNumber, (long)end - bodyStart + added.Length));
        destination.Write(model[bodyStart..end]);
        destination.Write(added);
        destination.Write(model[end..]);
    }

    /// <summary>The model with more outputs, in memory.</summary>
    public static byte[] Apply(ReadOnlySpan<byte> model, IEnumerable<OnnxValue> outputs)
    {
        using var exposed = new MemoryStream(model.Length + 4096);
        Write(model, outputs, exposed);
        return exposed.ToArray();
    }

    // A file made by appending messages may hold several graph fields, which merge: the last one is as good as any.
    private static (int Start, int BodyStart, int End) FindGraph(ReadOnlySpan<byte> model)
    {
        (int, int, int)? graph = null;
        var fields = new ProtoFields(model);
        while (fields.MoveNext())
            if (fields.Number == ModelProto.GraphFieldNumber && fields.WireType == WireFormat.WireType.LengthDelimited)
                graph = (fields.Start, fields.BodyStart, fields.End);
        return graph ?? throw new OnnxFormatException("it has no graph");
    }
}
