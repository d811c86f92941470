using System.Runtime.InteropServices;
using CnnOnnx.Formats;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Import;

/// <summary>Choices of an import from Darknet.</summary>
public sealed record DarknetOptions
{
    /// <summary>
    /// Number that BatchNormalization adds to a variance inside the root: 1e-6, as OpenCV reads such files; 1e-5 is what Darknet
    /// on a GPU, and its usual fork everywhere, compute and train with.
    /// </summary>
    public double BatchNormEpsilon { get; init; } = 1e-6;

    /// <summary>Width and height of the input in pixels; null for those of the cfg.</summary>
    public Size? Size { get; init; }

    /// <summary>Class names for the model card; null for none.</summary>
    public string[]? Labels { get; init; }
}

/// <summary>
/// Reads a network of Darknet, a .cfg and its .weights, as an ONNX graph. The file of weights has numbers and no names: they go to
/// the layers in the order of the cfg, and there have to be exactly as many as the network has.
/// <code>
/// using WeightedModel network = DarknetNetwork.Read("yolov3.cfg", "yolov3.weights");
/// network.Save("yolov3.onnx");
/// </code>
/// </summary>
public static class DarknetNetwork
{
    // Heads of detectors see the whole picture between grey bars, classifiers its middle.
    private const ResizeMode Whole = ResizeMode.Letterbox, Middle = ResizeMode.Crop;

    /// <summary>Builds the graph and finds the weights. The caller disposes the result.</summary>
    /// <param name="cfg">The network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="options">Choices; the usual ones when null.</param>
    /// <exception cref="FileNotFoundException">One of the files is not there.</exception>
    /// <exception cref="BadInputException">
    /// A layer that is not read, sizes that do not fit, another number of weights: the message says file, line or layer.
    /// </exception>
    public static WeightedModel Read(string cfg, string weights, DarknetOptions? options = null)
    {
        options ??= new DarknetOptions();
        if (options.BatchNormEpsilon is not (> 0 and <= 1))
            throw new BadInputException($"the epsilon of BatchNormalization is {options.BatchNormEpsilon}, expected above 0 and at most 1");
        (OnnxModel model, DarknetGraph graph) = Build(CfgFile.Read(cfg), options);
        long count = graph.Values.Sum(values => values.Count);
        DarknetWeights? file = DarknetWeights.Open(weights, count);
        try
        {
            RequireAll(graph, file, weights, count);
            var places = new Dictionary<string, (long First, DarknetValues Values)>();
            long first = 0;
            foreach (DarknetValues values in graph.Values)
            {
                places[values.Name] = (first, values);
                first += values.Count;
            }

            string remark = $"{count:N0} weights of Darknet {file.Version} in {graph.Outputs.Count} layers, assigned by their place, "
                + "which is all that the format has; their number is exact";
            string norm = $"BatchNormalization adds {options.BatchNormEpsilon:0e+0} to the variance inside the root, "
                + (options.BatchNormEpsilon == 1e-6 ? "OpenCV's form; the form that most weights were trained with adds 1e-5"
                    : options.BatchNormEpsilon == 1e-5 ? "the form that most weights were trained with; OpenCV's adds 1e-6"
                        : "as asked for");
            DarknetWeights open = file;
            bool normalizes = places.Keys.Any(name => name.EndsWith("running_var", StringComparison.Ordinal));
            var network = new WeightedModel(model, tensor => places.TryGetValue(tensor.Name, out var place)
                ? (ReadOnlyMemory<byte>?)Load(open, place.First, place.Values) : null, normalizes ? [remark, norm] : [remark], file);
            file = null;
            return network;
        }
        finally
        {
            file?.Dispose();
        }
    }

    internal static (OnnxModel Model, DarknetGraph Graph) Build(CfgFile cfg, DarknetOptions options)
    {
        CfgSection net = cfg.Net;
        int height = options.Size?.Height ?? net.Int("height", 0), width = options.Size?.Width ?? net.Int("width", 0);
        int channels = net.Int("channels", 3, 1, 1024);
        if (height is < 1 or > InputSpec.MaxSide || width is < 1 or > InputSpec.MaxSide)
            throw net.Fault($"the input is {height}x{width}, expected height and width of 1 to {InputSpec.MaxSide}");
        var builder = new GraphBuilder(Path.GetFileNameWithoutExtension(cfg.Path));
        var input = new Maps(builder.Input("input", ElementType.Float, "N", channels, height, width), channels, height, width);
        var graph = new DarknetGraph(builder, input, options.BatchNormEpsilon);
        foreach (CfgSection layer in cfg.Layers)
        {
            try
            {
                DarknetLayers.Add(graph, layer);
            }
            catch (OverflowException)
            {
                throw layer.Fault("has more weights than can be counted");
            }
        }

        Maps[] outputs = graph.Heads.Count > 0
            ? [.. graph.Heads.Select(head => graph.Outputs.First(o => o.Name == head.Tensor)).DistinctBy(o => o.Name)] : [graph.Last];
        if (outputs is [{ Name: "input" }])
            throw net.Fault("the network has no layer that computes something");
        foreach (Maps output in outputs)
            builder.Output(output.Name, ElementType.Float, output.IsFlat ? ["N", output.Count]
                : ["N", output.Channels, output.Height, output.Width]);
        if (options.Labels is { } labels && (graph.Heads.Count > 0 ? graph.Classes : outputs[0].Channels) is var classes
            && labels.Length != classes)
            throw new BadInputException($"{labels.Length} class names for {cfg.Path}, which has {classes} classes");
        return (builder.Build(new ModelCard
        {
            Input = channels is not (1 or 3) ? null : new InputSpec
            {
                Size = new Size(width, height),
                Channels = channels == 1 ? ChannelOrder.Gray : ChannelOrder.Rgb,
                Resize = graph.Heads.Count > 0 ? Whole : Middle,
            },
            Labels = options.Labels,
            Stages = DarknetStages.Of(graph, cfg.Layers) is { Length: > 0 } stages ? stages : null,
            Detection = graph.Heads.Count == 0 ? null
                : new DetectionCard { Layout = graph.Layout, Classes = graph.Classes, Heads = [.. graph.Heads] },
        }), graph);
    }

    private static void RequireAll(DarknetGraph graph, DarknetWeights file, string path, long count)
    {
        if (file.Count == count && file.HasWholeValues)
            return;
        long reached = 0;
        DarknetValues? open = graph.Values.FirstOrDefault(values => (reached += values.Count) > file.Count);
        throw new BadInputException($"{path}: has {file.Count} weights{(file.HasWholeValues ? "" : " and a part of one")}, "
            + $"the network takes {count}: " + (open is not null ? $"it ends in layer {open.Layer.Index} ([{open.Layer.Name}], "
                + $"{open.Name}); it is cut off, "
                + "holds the first layers only, or belongs to another cfg" : "it belongs to another cfg"));
    }

    private static ReadOnlyMemory<byte> Load(DarknetWeights file, long first, DarknetValues values)
    {
        byte[] bytes = file.Read(first, values.Count);
        if (!(values.Flipped ?? file.IsTransposed))
            return bytes;
        ReadOnlySpan<float> stored = MemoryMarshal.Cast<byte, float>(bytes);
        int rows = (int)values.Rows, columns = stored.Length / rows;
        float[] turned = new float[stored.Length];
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
                turned[(row * columns) + column] = stored[(column * rows) + row];
        return MemoryMarshal.AsBytes(turned.AsSpan()).ToArray();
    }
}
