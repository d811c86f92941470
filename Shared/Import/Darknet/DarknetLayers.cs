using System.Collections.Frozen;

namespace CnnOnnx.Import;

/// <summary>Adds a layer to a graph; returns its output.</summary>
/// <param name="graph">The graph.</param>
/// <param name="layer">The layer's section of the cfg.</param>
internal delegate Maps DarknetLayer(DarknetGraph graph, CfgSection layer);

/// <summary>All layers of Darknet that are read, by the names of their sections. This is the list.</summary>
internal static class DarknetLayers
{
    private static readonly FrozenDictionary<string, DarknetLayer> Table = new Dictionary<string, DarknetLayer>
    {
        ["convolutional"] = WeightLayers.Convolutional,
        ["conv"] = WeightLayers.Convolutional,
        ["connected"] = WeightLayers.Connected,
        ["conn"] = WeightLayers.Connected,
        ["batchnorm"] = WeightLayers.BatchNorm,
        ["maxpool"] = ShapeLayers.MaxPool,
        ["max"] = ShapeLayers.MaxPool,
        ["avgpool"] = ShapeLayers.AveragePool,
        ["avg"] = ShapeLayers.AveragePool,
        ["upsample"] = ShapeLayers.Upsample,
        ["reorg"] = ShapeLayers.Reorg,
        ["crop"] = ShapeLayers.Crop,
        ["route"] = ShapeLayers.Route,
        ["shortcut"] = ShapeLayers.Shortcut,
        // What only trains passes its input on.
        ["dropout"] = (graph, _) => graph.Last,
        ["cost"] = (graph, _) => graph.Last,
        ["activation"] = EndLayers.Activation,
        ["logistic"] = EndLayers.Logistic,
        ["softmax"] = EndLayers.Softmax,
        ["soft"] = EndLayers.Softmax,
        ["yolo"] = EndLayers.Yolo,
        ["region"] = EndLayers.Region,
    }.ToFrozenDictionary();

    /// <summary>Adds a layer.</summary>
    /// <exception cref="BadInputException">A layer of another kind, or one that asks for what is not read here.</exception>
    public static void Add(DarknetGraph graph, CfgSection layer) => graph.Add(layer,
        Table.TryGetValue(layer.Name, out DarknetLayer? add) ? add(graph, layer)
            : throw layer.Fault($"layers of this kind are not read, expected one of"
                + $" {string.Join(", ", Table.Keys.Order(StringComparer.Ordinal))}"));
}
