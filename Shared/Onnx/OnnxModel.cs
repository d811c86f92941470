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
        FrozenDictionary<string, long> opsets = proto.OpsetImport.GroupBy(o => o.Domain == "ai.onnx" ? "" : o.Domain)
            .ToFrozenDictionary(g => g.Key, g => g.Max(o => o.Version));
        Opsets = opsets;
        Metadata = proto.MetadataProps.GroupBy(p => p.Key).ToFrozenDictionary(g => g.Key, g => g.Last().Value);
        Graph = new OnnxGraph(proto.Graph, new GraphScope(source, opsets));
        GraphLimits.Check(Graph, source);
        Card = ModelCard.From(Metadata, source);
    }

    /// <summary>The file it was read from, or the name of the graph that was built in memory.</summary>
    public string Source { get; }

    /// <summary>Version of the file format, such as 8.</summary>
    public long IrVersion => Proto.IrVersion;

    /// <summary>Name and version of the program that wrote the file, such as "pytorch 2.10"; may be empty.</summary>
    public string Producer => $"{Proto.ProducerName} {Proto.ProducerVersion}".Trim();

    /// <summary>Version of each operator set by domain; ai.onnx is "".</summary>
    public IReadOnlyDictionary<string, long> Opsets { get; }

    /// <summary>The file's metadata by key; of a key that stands there twice, the later value.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The part of the metadata that describes input, classes, stages and training.</summary>
    public ModelCard Card { get; }

    /// <summary>The graph, checked.</summary>
    public OnnxGraph Graph { get; }

    internal ModelProto Proto { get; }

    /// <summary>The same without local functions: the model itself where it has none.</summary>
    /// <exception cref="OnnxException">A function is broken; not for a model that was read, which was checked.</exception>
    internal OnnxModel Inlined => field ??= FunctionInliner.Inline(this);

    /// <summary>
    /// The same as ONNX Runtime can run it with every tensor in sight: without local functions, unless one of them was written for
    /// another version of the operators than the model.
    /// </summary>
    internal OnnxModel Runnable => field ??= Proto.Functions.Count > 0
        && Inlined.Graph.Nodes.SelectMany(node => node.WithBodies()).Any(node => node.HasOwnOpset) ? this : Inlined;

    /// <summary>Reads and checks a model without its weights.</summary>
    /// <param name="path">An ONNX file; weights in files beside it are found by the names that it gives.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="OnnxException">Not ONNX, or broken: the message says what and where.</exception>
    public static OnnxModel Read(string path)
    {
        try
        {
            ModelProto outline = ModelOutline.Read(path);
            // Bytes of another kind may be read as a message without what a model has.
            if ((outline.Graph is null || outline.OpsetImport.Count == 0) && ForeignFile.Describe(path) is { } foreign)
                throw new OnnxException(path, foreign);
            var model = new OnnxModel(outline, path);
            // What is inside functions is checked where they are called, as a runtime sees it.
            _ = model.Inlined;
            return model;
        }
        catch (Exception fault) when (fault is OnnxFormatException or InvalidProtocolBufferException)
        {
            throw new OnnxException(path, ForeignFile.Describe(path) ?? $"is not an ONNX model, or its file is damaged ({fault.Message})",
                fault);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException($"{path}: does not exist", path, fault);
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
    /// <param name="path">The file; replaced only when the new one is complete.</param>
    /// <exception cref="BadInputException">The place cannot be written.</exception>
    public void Save(string path) => Save(path, null);

    /// <inheritdoc cref="Save(string)"/>
    /// <param name="weights">Bytes for an initializer, or null to keep what the model has.</param>
    /// <param name="card">Replaces the model's card when given.</param>
    internal void Save(string path, Func<OnnxTensor, ReadOnlyMemory<byte>?>? weights, ModelCard? card = null) =>
        new ModelWriter(this, weights, card).Write(path);
}
