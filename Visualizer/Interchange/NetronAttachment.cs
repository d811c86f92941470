using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Interchange;

/// <summary>
/// Our numbers beside a graph in Netron: a file that is dropped onto the open model. Netron keeps one entry of a name for each
/// target, and knows a target by its first line only.
/// </summary>
internal static class NetronAttachment
{
    public const string FileName = "netron-attachment.json";

    public static void Write(string folder, DumpManifest manifest) => AtomicFile.Write(Path.Combine(folder, FileName), file =>
    {
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("signature", "netron:attachment");
        json.WriteStartArray("metadata");
        Entry(json, "model", "", "activations of", manifest.Input.File);
        Entry(json, "model", "", "device", manifest.Device);
        json.WriteEndArray();
        json.WriteStartArray("metrics");
        var targets = new HashSet<(string Kind, string Name)>();
        foreach (TensorRecord tensor in manifest.Tensors)
            foreach ((string Kind, string Name) target in new[] { ("value", tensor.Name), ("node", tensor.Node) })
                if (target.Name.Length > 0 && !target.Name.AsSpan().ContainsAny('\r', '\n') && targets.Add(target))
                    Metrics(json, target.Kind, target.Name, tensor);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Metrics(Utf8JsonWriter json, string kind, string target, TensorRecord tensor)
    {
        foreach ((string name, double value, string type) in new[]
        {
            ("min", tensor.Min, "float32"), ("max", tensor.Max, "float32"), ("mean", tensor.Mean, "float32"),
                ("std", tensor.Std, "float32"),
            ("zeros", tensor.Zeros, "percentage"), ("NaN", tensor.Nan, "int64"), ("infinite", tensor.Inf, "int64"),
        })
            // JSON has no NaN: a number that there is not is left out.
            if (double.IsFinite(value))
                Entry(json, kind, target, name, value, type);
    }

    private static void Entry(Utf8JsonWriter json, string kind, string target, string name, object value, string type = "string")
    {
        json.WriteStartObject();
        json.WriteString("kind", kind);
        json.WriteString("target", target);
        json.WriteString("name", name);
        if (value is double number)
            json.WriteNumber("value", number);
        else
            json.WriteString("value", (string)value);
        json.WriteString("type", type);
        json.WriteEndObject();
    }
}
