using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Interchange;

/// <summary>
/// Our numbers as colours on a graph in Model Explorer: its custom node data, one value for each node, so a file for each kind
/// of number. A node is found by the name of a tensor that it makes. Data without the name of a graph is for the graph that is
/// open: that name is up to the adapter that read the model, not to the model.
/// </summary>
internal static class ModelExplorerData
{
    public const string Prefix = "model-explorer-node-data-";

    // Stops from 0 (the smallest value) to 1 (the largest): pale to strong.
    private static readonly (double Stop, string Color)[] Gradient = [(0, "#f7fbff"), (0.5, "#6baed6"), (1, "#08519c")];

    private static readonly (string Name, Func<TensorRecord, double> Value)[] Runs = [("mean", t => t.Mean), ("zeros", t => t.Zeros)];

    /// <param name="folder">Folder of the dump.</param>
    /// <param name="graph">Name of the model's graph, to show.</param>
    /// <param name="manifest">The numbers.</param>
    public static void Write(string folder, string graph, DumpManifest manifest)
    {
        foreach ((string name, Func<TensorRecord, double> value) in Runs)
            AtomicFile.Write(Path.Combine(folder, $"{Prefix}{name}.json"), file =>
                Write(file, $"{name} in {graph}", manifest.Tensors, value));
    }

    private static void Write(Stream file, string name, TensorRecord[] tensors, Func<TensorRecord, double> value)
    {
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteStartObject("results");
        foreach (TensorRecord tensor in tensors)
            if (double.IsFinite(value(tensor)))
            {
                json.WriteStartObject(tensor.Name);
                json.WriteNumber("value", value(tensor));
                json.WriteEndObject();
            }

        json.WriteEndObject();
        json.WriteStartArray("gradient");
        foreach ((double stop, string color) in Gradient)
        {
            json.WriteStartObject();
            json.WriteNumber("stop", stop);
            json.WriteString("bgColor", color);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
