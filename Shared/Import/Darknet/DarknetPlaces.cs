using System.Runtime.InteropServices;
using CnnOnnx.Formats;
using CnnOnnx.Onnx;

namespace CnnOnnx.Import;

/// <summary>
/// Weights of a Darknet file for a graph whose convolutions stand in the order of the cfg: each has its place in the file, biases and
/// what normalises before the kernels. A file may end behind any convolution, as darknet53.conv.74 does behind a backbone.
/// </summary>
internal sealed class DarknetPlaces : IDisposable
{
    private readonly DarknetWeights _file;
    private readonly Dictionary<string, (long First, long Count)> _places;

    private DarknetPlaces(DarknetWeights file, Dictionary<string, (long First, long Count)> places, int convolutions, bool isWhole) =>
        (_file, _places, Convolutions, IsWhole) = (file, places, convolutions, isWhole);

    /// <summary>Number of convolutions that the file has weights of.</summary>
    public int Convolutions { get; }

    /// <summary>True when the file has all of the graph's weights.</summary>
    public bool IsWhole { get; }

    /// <summary>What the file brings, in words.</summary>
    public string Remark => $"{_places.Values.Sum(p => p.Count):N0} weights of Darknet {_file.Version} for "
        + (IsWhole ? "the whole network" : $"the first {Convolutions} convolutions; the others begin with random ones");

    /// <summary>Finds the places of a graph's weights. The caller disposes the result.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="BadInputException">Not such a file, or one of another network.</exception>
    public static DarknetPlaces Open(OnnxModel model, string path)
    {
        (string Name, long Count, bool EndsLayer)[] values = [.. Ordered(model.Graph)];
        long all = values.Sum(v => v.Count);
        DarknetWeights? file = DarknetWeights.Open(path, all);
        try
        {
            var places = new Dictionary<string, (long First, long Count)>();
            long first = 0;
            int convolutions = 0;
            foreach ((string name, long count, bool endsLayer) in values)
            {
                if (first == file.Count)
                    break;
                places[name] = (first, count);
                first += count;
                convolutions += endsLayer ? 1 : 0;
            }

            bool endsWithLayer = places.Count > 0 && values[places.Count - 1].EndsLayer;
            if (first != file.Count || !endsWithLayer || !file.HasWholeValues)
                throw new BadInputException($"{path}: has {file.Count} weights{(file.HasWholeValues ? "" : " and a part of one")}, the "
                    + $"network takes {all} or those of its first convolutions: {Reason(model, file.Count, all)}");
            var open = new DarknetPlaces(file, places, convolutions, places.Count == values.Length);
            file = null;
            return open;
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Bytes of a weight, float32; null where the file has none for it.</summary>
    /// <param name="name">Name of an initializer.</param>
    public ReadOnlyMemory<byte>? Bytes(string name) => _places.TryGetValue(name, out (long First, long Count) place)
        ? (ReadOnlyMemory<byte>?)_file.Read(place.First, place.Count) : null;

    /// <summary>Values of a weight; null where the file has none for it.</summary>
    /// <param name="name">Name of an initializer.</param>
    public float[]? Values(string name) => Bytes(name) is { } bytes ? MemoryMarshal.Cast<byte, float>(bytes.Span).ToArray() : null;

    public void Dispose() => _file.Dispose();

    private static IEnumerable<(string Name, long Count, bool EndsLayer)> Ordered(OnnxGraph graph)
    {
        (string, long, bool) Place(string name, bool endsLayer = false) => (name, graph.Initializer[name].Shape.Count, endsLayer);
        foreach (OnnxNode node in graph.Nodes.Where(n => n.OpType == "Conv"))
        {
            OnnxNode? norm = graph.Nodes.FirstOrDefault(n => n.OpType == "BatchNormalization" && n.Inputs[0] == node.Outputs[0]);
            // of the node's scale, bias, mean and variance the file has the bias first
            int[] order = [2, 1, 3, 4];
            if (norm is not null)
                foreach (int input in order)
                    yield return Place(norm.Inputs[input]);
            else if (node.HasInput(2))
                yield return Place(node.Inputs[2]);
            yield return Place(node.Inputs[1], endsLayer: true);
        }
    }

    // Other classes change nothing but the last convolution of each head.
    private static string Reason(OnnxModel model, long count, long all)
    {
        const int box = 5;
        if (model.Card.Detection is { } detection)
        {
            long aClass = detection.Heads.Sum(head => model.Graph.Producer(head.Tensor) is { OpType: "Conv" } conv
                ? head.Anchors.Length * (model.Graph.Initializer[conv.Inputs[1]].Shape[1] + 1) : 0);
            long rest = all - (aClass * (box + detection.Classes));
            if (aClass > 0 && count > rest && (count - rest) % aClass == 0 && ((count - rest) / aClass) - box is > 0 and var classes)
                return $"it tells {classes} classes apart, {detection.Classes} are asked for; expected the same classes, or a file of the "
                    + "backbone alone";
        }

        return "it is cut off within a layer, or belongs to another network or width";
    }
}
