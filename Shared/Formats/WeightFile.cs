using System.Text;

namespace CnnOnnx.Formats;

/// <summary>
/// A file of named weights: a PyTorch checkpoint, or safetensors in one file or several. Its tensors are known by name, type and
/// shape, and are read one by one when they are asked for. Nothing that the file holds is run.
/// <code>
/// using WeightFile weights = WeightFile.Open("resnet18.pth");
/// foreach (WeightTensor tensor in weights.Tensors)
///     Log(tensor.ToString());
/// </code>
/// </summary>
public sealed class WeightFile : IDisposable
{
    private const int StartBytes = 512;
    private const string OwnWeights = "weights/";

    /// <summary>Formats by how a file begins, the surest first; the name's ending says nothing.</summary>
    private static readonly (Func<byte[], ByteSource, bool> Fits, Func<ByteSource, string?, (WeightContent, IDisposable?)> Read)[] Readers =
    [
        ((start, _) => PyTorchFile.IsZip(start), (source, entry) => (PyTorchFile.ReadZip(source, entry), null)),
        ((start, _) => PyTorchFile.IsLegacy(start), (source, entry) => (PyTorchFile.ReadLegacy(source, entry), null)),
        (IsSafeTensors, (source, _) => SafeTensors(source.Name)),
        ((start, _) => ShardIndex.Fits(start), (source, entry) => Shards(source, entry)),
    ];

    /// <summary>Beginning, the kind of file, the way out.</summary>
    private static readonly (byte[] Start, string What)[] Others =
    [
        ("PYTORCH1"u8.ToArray(), "is a preview of a format that PyTorch never kept; save it again with a released version"),
        ("version https://git-lfs"u8.ToArray(), "is a Git LFS pointer, not the weights; fetch them with 'git lfs pull'"),
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], "is an HDF5 file, as Keras writes them; export the network as ONNX with tf2onnx"),
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], "is a PNG picture"),
        ([0xff, 0xd8, 0xff], "is a JPEG picture"),
        ("GGUF"u8.ToArray(), "is a GGUF file"),
        ([0x1f, 0x8b], "is a gzip archive; unpack it and give the file inside"),
        ([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'], "is a NumPy array"),
        ("[net"u8.ToArray(), "is a Darknet cfg, which has no weights; give it as the network and its .weights as the weights"),
        ("<"u8.ToArray(), "is a page or a message in HTML or XML, not the weights; download the file itself"),
        ([0x80], "is a pickle, but not one that torch.save has written; save model.state_dict() with torch.save"),
        ([0x08], "is perhaps an ONNX model, which is a network with its weights; expected weights alone"),
    ];

    private readonly IDisposable[] _open;

    private WeightFile(string path, WeightContent content, params IDisposable?[] open)
    {
        (Path, Format, Tensors, Remarks) = (path, content.Format, content.Tensors, content.Remarks);
        _open = [.. open.OfType<IDisposable>()];
    }

    /// <summary>Path as it was given.</summary>
    public string Path { get; }

    /// <summary>Format in words, such as "PyTorch checkpoint (zip)".</summary>
    public string Format { get; }

    /// <summary>The tensors, in the file's order; that of safetensors is the order of their elements.</summary>
    public IReadOnlyList<WeightTensor> Tensors { get; }

    /// <summary>What a user should know of the file, each the end of a sentence that begins with its name.</summary>
    public IReadOnlyList<string> Remarks { get; }

    /// <summary>Opens a file, whatever its name ends in, and lists what it holds. The caller disposes it.</summary>
    /// <param name="path">A checkpoint, a safetensors file, or the index of one in several files.</param>
    /// <param name="entry">Key of a checkpoint to take the tensors from, such as ema; null to find it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadInputException">Of another kind, which is named where it is known, or damaged.</exception>
    public static WeightFile Open(string path, string? entry = null) => Open(path, entry, isShard: false);

    /// <summary>Closes the file. Tensors cannot be read any more.</summary>
    public void Dispose()
    {
        foreach (IDisposable open in _open)
            open.Dispose();
    }

    private static WeightFile Open(string path, string? entry, bool isShard)
    {
        ByteSource? source = ByteSource.Open(path);
        try
        {
            byte[] start = source.Read(0, Math.Min(StartBytes, source.Length));
            if (isShard && ShardIndex.Fits(start))
                throw new BadInputException($"{path}: is an index itself, expected one of the files with the tensors");
            foreach (var (fits, read) in Readers)
                if (fits(start, source))
                {
                    (WeightContent content, IDisposable? more) = read(source, entry);
                    var file = new WeightFile(path, content, source, more);
                    source = null;
                    return file;
                }

            throw new BadInputException($"{path}: {Describe(start)}");
        }
        finally
        {
            source?.Dispose();
        }
    }

    private static string Describe(byte[] start)
    {
        if (start.Length == 0)
            return "is empty (0 bytes), expected a PyTorch checkpoint or a safetensors file";
        foreach ((byte[] signature, string what) in Others)
            if (start.AsSpan().StartsWith(signature))
                return what;
        return DarknetWeights.IsLikely(start)
            ? "is perhaps a Darknet file of weights, which have places and no names; give the network's .cfg instead of a graph or an "
                + "architecture"
            : start.Length > 262 && start.AsSpan(257).StartsWith("ustar"u8)
                ? "is a tar archive, as PyTorch wrote them before 0.2 or a download comes in; unpack it, or save it again with torch.save"
            : "is no file of weights that is known here, expected a PyTorch checkpoint or a safetensors file";
    }

    private static bool IsSafeTensors(byte[] start, ByteSource source)
    {
        const int longest = 100_000_000, header = 8;
        if (start.Length <= header)
            return false;
        ulong length = BitConverter.ToUInt64(start);
        int first = Array.FindIndex(start, header, b => b is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'));
        // A header that claims to be longer than the file is still one of this format, and is told so.
        return first >= 0 && start[first] == '{' && (length <= longest || Encoding.ASCII.GetString(start).Contains("data_offsets"))
            && source.Length > header;
    }

    private static (WeightContent, IDisposable?) SafeTensors(string path)
    {
        var file = SafeTensorsFile.Open(path);
        WeightTensor[] tensors = [.. file.InOrder.Select(t => new WeightTensor(t.Name, t.Type, t.Shape, () =>
        {
            byte[] bytes = new byte[t.Bytes];
            file.Read(t.Name, 0, bytes);
            return bytes;
        }))];
        // A checkpoint of a training here has its weights in a part of their own, beside the optimizer's state.
        WeightTensor[] kept = [.. tensors.Where(t => t.Name.StartsWith(OwnWeights, StringComparison.Ordinal))
            .Select(t => new WeightTensor(t.Name[OwnWeights.Length..], t.Type, t.Shape, () => t.Load().Bytes.ToArray()))];
        return (kept.Length == 0 ? new WeightContent("safetensors", tensors, [])
            : new WeightContent("checkpoint of a training", kept, ["holds a training's state, its weights are taken"]), file);
    }

    private static (WeightContent, IDisposable?) Shards(ByteSource source, string? entry)
    {
        ShardIndex index = ShardIndex.Read(source);
        var files = new List<WeightFile>();
        var open = new Opened(files);
        try
        {
            var tensors = new List<WeightTensor>();
            foreach ((string shard, IReadOnlyList<string> names) in index.Files)
            {
                string path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(source.Name) ?? "", shard);
                WeightFile file = Open(path, entry, isShard: true);
                files.Add(file);
                Dictionary<string, WeightTensor> byName = file.Tensors.ToDictionary(t => t.Name);
                if (names.FirstOrDefault(name => !byName.ContainsKey(name)) is { } missing)
                    throw new BadInputException($"{path}: has no tensor '{missing}', which {source.Name} says it has");
                tensors.AddRange(names.Select(name => byName[name]));
            }

            return (new WeightContent($"{files.Select(f => f.Format).FirstOrDefault() ?? "index"} in {files.Count} files", tensors, []),
                open);
        }
        catch
        {
            open.Dispose();
            throw;
        }
    }

    private sealed class Opened(List<WeightFile> files) : IDisposable
    {
        public void Dispose() => files.ForEach(file => file.Dispose());
    }
}
