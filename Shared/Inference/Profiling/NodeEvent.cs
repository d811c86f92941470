using System.Text.Json;
using CnnOnnx.Tensors;

namespace CnnOnnx.Inference;

/// <summary>One execution of a node, as the runtime's profile tells it.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Provider">Provider that ran it, such as CPUExecutionProvider.</param>
/// <param name="Milliseconds">Time of the kernel alone.</param>
/// <param name="OutputBytes">Bytes of each output that was made; null for types without a size.</param>
internal sealed record NodeEvent(string Node, string Provider, double Milliseconds, long?[] OutputBytes)
{
    private const string KernelTime = "_kernel_time";

    // As the runtime names them here, which is not always as ONNX does.
    private static readonly Dictionary<string, int> ElementBytes = new()
    {
        ["float"] = 4,
        ["float16"] = 2,
        ["bfloat16"] = 2,
        ["double"] = 8,
        ["int8"] = 1,
        ["uint8"] = 1,
        ["int16"] = 2,
        ["uint16"] = 2,
        ["int32"] = 4,
        ["uint32"] = 4,
        ["int64"] = 8,
        ["uint64"] = 8,
        ["bool"] = 1,
    };

    /// <summary>The executions of a profile, in their order.</summary>
    public static IEnumerable<NodeEvent> Read(JsonDocument profile)
    {
        foreach (JsonElement entry in profile.RootElement.EnumerateArray())
        {
            if (entry.GetProperty("cat").GetString() == "Node" && entry.GetProperty("name").GetString() is { } name
                && name.EndsWith(KernelTime, StringComparison.Ordinal))
                yield return Read(entry, name[..^KernelTime.Length]);
        }
    }

    private static NodeEvent Read(JsonElement entry, string node)
    {
        JsonElement args = entry.GetProperty("args");
        string provider = args.TryGetProperty("provider", out JsonElement named) ? named.GetString() ?? "" : "";
        long?[] bytes = args.TryGetProperty("output_type_shape", out JsonElement outputs) ? [.. outputs.EnumerateArray().Select(Bytes)]
            : [];
        return new NodeEvent(node, provider, entry.GetProperty("dur").GetDouble() / 1000, bytes);
    }

    // {"float": [1, 32, 26, 26]}
    private static long? Bytes(JsonElement output)
    {
        foreach (JsonProperty property in output.EnumerateObject())
            if (ElementBytes.TryGetValue(property.Name, out int size))
                return size * new TensorShape([.. property.Value.EnumerateArray().Select(d => d.GetInt64())]).Count;
        return null;
    }
}
