using System.Text.Json;

namespace CnnOnnx.Formats;

/// <summary>The index of weights in several files, such as model.safetensors.index.json: which tensor is in which file.</summary>
/// <param name="Files">Name of each file beside the index, and of its tensors.</param>
internal sealed record ShardIndex(IReadOnlyList<(string File, IReadOnlyList<string> Tensors)> Files)
{
    private const int MostBytes = 64 << 20;

    /// <summary>True for the first bytes of such an index, which is JSON.</summary>
    public static bool Fits(ReadOnlySpan<byte> start) => start.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    /// <exception cref="BadInputException">Not such an index, or a file of it would lie in another folder.</exception>
    public static ShardIndex Read(ByteSource source)
    {
        if (source.Length > MostBytes)
            throw new BadInputException($"{source.Name}: has {source.Length} bytes, expected an index of at most {MostBytes}");
        var files = new Dictionary<string, List<string>>();
        var seen = new HashSet<string>();
        try
        {
            using var json = JsonDocument.Parse(source.Read(0, source.Length));
            foreach (JsonProperty entry in json.RootElement.GetProperty("weight_map").EnumerateObject())
            {
                string file = entry.Value.GetString() ?? "";
                if (file.Length == 0 || file.StartsWith('.') || file.AsSpan().ContainsAny('/', '\\', ':'))
                    throw new BadInputException($"{source.Name}: '{entry.Name}' is in '{file}', expected the name of a file "
                        + "beside the index");
                if (!seen.Add(entry.Name))
                    throw new BadInputException($"{source.Name}: names '{entry.Name}' twice");
                if (!files.TryGetValue(file, out List<string>? names))
                    files[file] = names = [];
                names.Add(entry.Name);
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new BadInputException($"{source.Name}: is JSON, but no index of weights, which has a weight_map"
                + $" ({fault.Message})", fault);
        }

        return files.Count > 0 ? new ShardIndex([.. files.Select(f => (f.Key, (IReadOnlyList<string>)f.Value))])
            : throw new BadInputException($"{source.Name}: has an empty weight_map");
    }
}
