using System.Collections.Frozen;
using CnnOnnx.Onnx.Schema;
using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>
/// An ONNX model: its graph, the operator versions it asks for and what its metadata says. Weights of a model that was
/// read stay in its file until they are asked for.
/// </summary>
public sealed class OnnxModel
{
    internal OnnxModel(ModelProto proto, string source)
    {
        (Proto, Source) = (proto, source);
        if (proto.Graph is null)
            throw new OnnxException(source, "has no graph, so it is not an ONNX model");
        if (proto.OpsetImport.Count == 0)
            throw new OnnxException(source, "names no operator set (opset_import), expected at least ai.onnx");
        Opsets = proto.OpsetImport.GroupBy(o => o.Domain == "ai.onnx" ? "" : o.Domain)
            .ToFrozenDictionary(g => g.Key, g => g.Max(o => o.Version));
        Metadata = proto.MetadataProps.GroupBy(p => p.Key).ToFrozenDictionary(g => g.Key, g => g.Last().Value);
        Graph = new OnnxGraph(proto.Graph, new GraphScope(source, Opsets));
        GraphLimits.Check(Graph, source);
        Card = ModelCard.From(Metadata, source);
    }

    /// <summary>The file it was read from, or the name of the graph that was built in memory.</summary>
    public string Source { get; }

    public long IrVersion => Proto.IrVersion;

    /// <summary>What wrote the file, such as "pytorch 2.10"; may be empty.</summary>
    public string Producer => $"{Proto.ProducerName} {Proto.ProducerVersion}".Trim();

    /// <summary>Version of each operator set by domain; ai.onnx is "".</summary>
    public FrozenDictionary<string, long> Opsets { get; }

    public FrozenDictionary<string, string> Metadata { get; }

    public ModelCard Card { get; }

    public OnnxGraph Graph { get; }

    internal ModelProto Proto { get; }

    /// <summary>The same without local functions: the model itself where it has none.</summary>
    /// <exception cref="OnnxException">A function is broken; not for a model that was read, which was checked.</exception>
    internal OnnxModel Inlined => field ??= FunctionInliner.Inline(this);

    /// <summary>Reads and checks a model without its weights.</summary>
    /// <exception cref="OnnxException">Not there, not ONNX, or broken: the message says what and where.</exception>
    public static OnnxModel Read(string path)
    {
        try
        {
            var model = new OnnxModel(ModelOutline.Read(path), path);
            // What is inside functions is checked where they are called, as a runtime sees it.
            _ = model.Inlined;
            return model;
        }
        catch (Exception fault) when (fault is OnnxFormatException or InvalidProtocolBufferException)
        {
            throw new OnnxException(path, $"is not an ONNX model, or its file is damaged ({fault.Message})", fault);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OnnxException(path, "does not exist", fault);
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new OnnxException(path, Directory.Exists(path) ? "is a folder, expected an ONNX file" : "may not be read", fault);
        }
        catch (IOException fault)
        {
            throw new OnnxException(path, $"cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>Writes the model as a whole file. Beyond 2 GB the weights go to a file beside it.</summary>
    /// <param name="path">Where to; replaced only when the new file is complete.</param>
    /// <param name="weights">Bytes for an initializer, or null to keep what the model has.</param>
    /// <param name="card">Replaces the model's card when given.</param>
    internal void Save(string path, Func<OnnxTensor, ReadOnlyMemory<byte>?>? weights = null, ModelCard? card = null) =>
        new ModelWriter(this, weights, card).Write(path);
}
