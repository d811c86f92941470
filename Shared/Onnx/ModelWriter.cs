using CnnOnnx.Files;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>
/// Writes a model as one stream: the graph's fields first, then one initializer after the other, so that no more than
/// one weight is in memory. Beyond 2 GB, which protobuf cannot hold, the weights go to "name.onnx.data" beside it.
/// </summary>
internal sealed class ModelWriter(OnnxModel model, Func<OnnxTensor, ReadOnlyMemory<byte>?>? weights, ModelCard? card)
{
    private const long MaxFileBytes = int.MaxValue - (64L << 20);

    public void Write(string path)
    {
        if (model.Graph.Initializers.Sum(SizeOf) > MaxFileBytes)
            WriteBeside(path);
        else
            AtomicFile.Write(path, file => WriteModel(file, tensor => Header(tensor), withPayload: true));
    }

    private void WriteBeside(string path)
    {
        string dataPath = path + ".data";
        long offset = 0;
        var references = new Dictionary<string, TensorProto>();
        AtomicFile.Write(dataPath, data =>
        {
            foreach (OnnxTensor tensor in model.Graph.Initializers.Where(HasRawBytes))
            {
                ReadOnlyMemory<byte> bytes = Bytes(tensor);
                data.Write(bytes.Span);
                references[tensor.Name] = ModelOutline.Reference(Path.GetFileName(dataPath), offset, bytes.Length);
                offset += bytes.Length;
            }
        });
        AtomicFile.Write(path, file => WriteModel(file, tensor =>
        {
            TensorProto header = Header(tensor);
            if (references.TryGetValue(tensor.Name, out TensorProto? reference))
                header.MergeFrom(reference);
            return header;
        }, withPayload: false));
    }

    private void WriteModel(Stream file, Func<OnnxTensor, TensorProto> header, bool withPayload)
    {
        ModelProto outside = model.Proto.Clone();
        outside.Graph = null;
        if (card is not null)
            card.WriteTo(outside.MetadataProps);
        outside.WriteTo(file);

        GraphProto inside = model.Proto.Graph.Clone();
        inside.Initializer.Clear();
        byte[][] headers = [.. model.Graph.Initializers.Select(t => header(t).ToByteArray())];
        long[] sizes = [.. model.Graph.Initializers.Select((t, i) => headers[i].Length + (withPayload ? PayloadSize(t) : 0))];
        long total = inside.CalculateSize() + sizes.Sum(size => ProtoHeader.Of(GraphProto.InitializerFieldNumber, size).Length + size);

        file.Write(ProtoHeader.Of(ModelProto.GraphFieldNumber, total));
        inside.WriteTo(file);
        for (int i = 0; i < headers.Length; i++)
        {
            OnnxTensor tensor = model.Graph.Initializers[i];
            file.Write(ProtoHeader.Of(GraphProto.InitializerFieldNumber, sizes[i]));
            file.Write(headers[i]);
            if (!withPayload || !HasRawBytes(tensor))
                continue;
            ReadOnlyMemory<byte> bytes = Bytes(tensor);
            file.Write(ProtoHeader.Of(TensorProto.RawDataFieldNumber, bytes.Length));
            file.Write(bytes.Span);
        }
    }

    /// <summary>The tensor without its elements, when those are written as raw bytes; else as it is.</summary>
    private static TensorProto Header(OnnxTensor tensor)
    {
        TensorProto header = tensor.Proto.Clone();
        if (!HasRawBytes(tensor))
            return header;
        header.ClearRawData();
        header.FloatData.Clear();
        header.Int32Data.Clear();
        header.Int64Data.Clear();
        header.DoubleData.Clear();
        header.Uint64Data.Clear();
        header.ExternalData.Clear();
        header.ClearDataLocation();
        return header;
    }

    private static long PayloadSize(OnnxTensor tensor) =>
        HasRawBytes(tensor) ? ProtoHeader.Of(TensorProto.RawDataFieldNumber, SizeOf(tensor)).Length + SizeOf(tensor) : 0;

    private static bool HasRawBytes(OnnxTensor tensor) => tensor.ElementType.HasFixedSize();

    private static long SizeOf(OnnxTensor tensor) => HasRawBytes(tensor) ? tensor.ElementType.SizeInBytes(tensor.Shape.Count) : 0;

    private ReadOnlyMemory<byte> Bytes(OnnxTensor tensor)
    {
        ReadOnlyMemory<byte> bytes = weights?.Invoke(tensor) ?? tensor.Load().Bytes;
        return bytes.Length == SizeOf(tensor)
            ? bytes
            : throw new ArgumentException($"Weight '{tensor.Name}' has {bytes.Length} bytes, expected {SizeOf(tensor)}.");
    }
}
