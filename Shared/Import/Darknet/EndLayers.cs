using System.Collections.Immutable;
using CnnOnnx.Onnx;

namespace CnnOnnx.Import;

/// <summary>Darknet's layers at the end of a network: heads of detectors, softmax, and what only trains.</summary>
internal static class EndLayers
{
    private const int Box = 5;

    public static Maps Activation(DarknetGraph graph, CfgSection layer) =>
        graph.Last with { Name = DarknetActivations.Apply(graph, layer, graph.Last.Name, "linear") };

    public static Maps Logistic(DarknetGraph graph, CfgSection layer) =>
        graph.Last with { Name = graph.Node("Sigmoid", $"logistic_{layer.Index}", [graph.Last.Name]) };

    public static Maps Softmax(DarknetGraph graph, CfgSection layer)
    {
        layer.Refuse("spatial", "a softmax at each place");
        if (layer.Has("tree"))
            throw layer.Fault("tree (a hierarchy of classes) is not read here");
        int groups = layer.Int("groups", 1, 1);
        double temperature = layer.Float("temperature", 1);
        string name = $"softmax_{layer.Index}";
        Maps x = graph.Flat(graph.Last, $"{layer.Index}");
        if (x.Channels % groups != 0 || temperature == 0)
            throw layer.Fault($"{x.Channels} values in {groups} groups at temperature {temperature}, expected groups of one size");
        string y = temperature == 1 ? x.Name
            : graph.Node("Div", name + ".cooled", [x.Name, graph.Number(name + ".temperature", temperature)]);
        if (groups == 1)
            return x with { Name = graph.Node("Softmax", name, [y], ("axis", 1)) };
        string parted = graph.Node("Reshape", name + ".groups", [y, graph.Numbers(name + ".groups.shape", 0, groups, x.Channels / groups)]);
        return x with { Name = graph.Node("Flatten", name, [graph.Node("Softmax", name + ".each", [parted], ("axis", 2))], ("axis", 1)) };
    }

    /// <summary>A head of YOLOv3 and v4: the tensor before it stays as it is, and the card says what it means.</summary>
    public static Maps Yolo(DarknetGraph graph, CfgSection layer)
    {
        int total = layer.Int("num", 1, 1, 1000);
        int[] mask = layer.Has("mask") ? layer.Ints("mask") : [.. Enumerable.Range(0, total)];
        ImmutableArray<double[]> anchors = Anchors(layer, total);
        if (mask.Length == 0 || mask.Any(index => index < 0 || index >= anchors.Length))
            throw layer.Fault($"mask is {string.Join(",", mask)}, expected numbers of {anchors.Length} anchors");
        return Head(graph, layer, "yolov3", [.. mask.Select(index => anchors[index])]);
    }

    /// <summary>The head of YOLOv2, whose anchors are in cells.</summary>
    public static Maps Region(DarknetGraph graph, CfgSection layer)
    {
        if (layer.Int("coords", 4) != 4)
            throw layer.Fault($"coords is {layer.Int("coords", 4)}, expected 4");
        int total = layer.Int("num", 1, 1, 1000);
        return Head(graph, layer, layer.Int("softmax", 0) != 0 ? "yolov2" : "yolov2-raw", Anchors(layer, total)[..total]);
    }

    private static Maps Head(DarknetGraph graph, CfgSection layer, string layout, ImmutableArray<double[]> anchors)
    {
        Maps x = graph.Last;
        int classes = layer.Int("classes", 20, 1);
        long expected = (long)anchors.Length * (classes + Box);
        if (x.Channels != expected || x.IsFlat)
            throw layer.Fault($"the layer before it has {x.Channels} channels, expected {expected} for {anchors.Length} anchors "
                + $"of {classes} classes");
        graph.AddHead(layer, layout, classes, new DetectionHead
        {
            Tensor = x.Name,
            Stride = (int)Math.Max(1, graph.Input.Width / x.Width),
            Anchors = anchors,
            ScaleXY = layer.Float("scale_x_y", 1),
            NewCoords = layer.Int("new_coords", 0) != 0,
        });
        return x;
    }

    private static ImmutableArray<double[]> Anchors(CfgSection layer, int total)
    {
        double[] numbers = layer.Floats("anchors");
        return numbers.Length >= 2 * total && numbers.All(number => number > 0)
            ? [.. numbers.Chunk(2).Where(pair => pair.Length == 2)]
            : throw layer.Fault($"has {numbers.Length} numbers of anchors, expected width and height of {total}, above 0");
    }
}
