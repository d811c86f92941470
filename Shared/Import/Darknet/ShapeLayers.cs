namespace CnnOnnx.Import;

/// <summary>Darknet's layers that have no weights: pools, cuts, joins, other sizes.</summary>
internal static class ShapeLayers
{
    public static Maps MaxPool(DarknetGraph graph, CfgSection layer)
    {
        layer.Refuse("maxpool_depth", "a pool over channels");
        layer.Refuse("antialiasing", "a blur behind the pool");
        Maps x = graph.Spatial(graph.Last, $"{layer.Index}");
        int stride = layer.Int("stride", 1, 1), strideX = layer.Int("stride_x", stride, 1), strideY = layer.Int("stride_y", stride, 1);
        int size = layer.Int("size", stride, 1);
        // Of both sides together; what cannot be halved is on the right and below.
        int padding = layer.Int("padding", size - 1);
        if (padding / 2 >= size || padding - (padding / 2) >= size)
            throw layer.Fault($"padding is {padding} in all around windows of {size}, expected less than a window on each side");
        long before = padding / 2, after = padding - before;
        return new Maps(graph.Node("MaxPool", $"maxpool_{layer.Index}", [x.Name], ("kernel_shape", new long[] { size, size }),
            ("strides", new long[] { strideY, strideX }), ("pads", new[] { before, before, after, after })),
            x.Channels, ((x.Height + padding - size) / strideY) + 1, ((x.Width + padding - size) / strideX) + 1);
    }

    public static Maps AveragePool(DarknetGraph graph, CfgSection layer)
    {
        Maps x = graph.Spatial(graph.Last, $"{layer.Index}");
        return new Maps(graph.Node("GlobalAveragePool", $"avgpool_{layer.Index}", [x.Name]), x.Channels, 1, 1);
    }

    public static Maps Upsample(DarknetGraph graph, CfgSection layer)
    {
        Maps x = graph.Spatial(graph.Last, $"{layer.Index}");
        int stride = layer.Int("stride", 2, 1);
        double scale = layer.Float("scale", 1);
        string name = $"upsample_{layer.Index}";
        string y = graph.Node("Resize", scale == 1 ? name : name + ".repeated",
            [x.Name, "", graph.Floats(name + ".scales", 1, 1, stride, stride)],
            ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor"));
        if (scale != 1)
            y = graph.Node("Mul", name, [y, graph.Number(name + ".scale", scale)]);
        return new Maps(y, x.Channels, x.Height * stride, x.Width * stride);
    }

    // Darknet's order is not SpaceToDepth's: it takes the maps for C/s² larger ones first.
    public static Maps Reorg(DarknetGraph graph, CfgSection layer)
    {
        layer.Refuse("reverse", "the way back");
        layer.Refuse("flatten", "another order");
        layer.Refuse("extra", "more values at the end");
        Maps x = graph.Spatial(graph.Last, $"{layer.Index}");
        int s = layer.Int("stride", 1, 1, 64);
        if (x.Channels % (s * s) != 0 || x.Height % s != 0 || x.Width % s != 0)
            throw layer.Fault($"{x} cannot be reordered by {s}: channels must be a multiple of {s * s}, sides of {s}");
        string name = $"reorg_{layer.Index}";
        string wide = graph.Node("Reshape", name + ".wide",
            [x.Name, graph.Numbers(name + ".wide.shape", 0, x.Channels / (s * s), x.Height * s, x.Width * s)]);
        string deep = graph.Node("SpaceToDepth", name + ".deep", [wide], ("blocksize", s));
        return new Maps(graph.Node("Reshape", name,
            [deep, graph.Numbers(name + ".shape", 0, x.Channels * s * s, x.Height / s, x.Width / s)]),
            x.Channels * s * s, x.Height / s, x.Width / s);
    }

    // The middle of the picture, and values from −1 to 1.
    public static Maps Crop(DarknetGraph graph, CfgSection layer)
    {
        Maps x = graph.Spatial(graph.Last, $"{layer.Index}");
        int height = layer.Int("crop_height", 1, 1), width = layer.Int("crop_width", 1, 1);
        if (height > x.Height || width > x.Width)
            throw layer.Fault($"cuts {height}x{width} out of {x}, expected a part of it");
        string name = $"crop_{layer.Index}";
        bool adjusts = layer.Int("noadjust", 0) == 0;
        long top = (x.Height - height) / 2, left = (x.Width - width) / 2;
        string y = graph.Node("Slice", adjusts ? name + ".cut" : name, [x.Name, graph.Numbers(name + ".starts", top, left),
            graph.Numbers(name + ".ends", top + height, left + width), graph.Numbers(name + ".axes", 2, 3)]);
        if (adjusts)
            y = graph.Node("Sub", name, [graph.Node("Mul", name + ".doubled", [y, graph.Number(name + ".two", 2)]),
                graph.Number(name + ".one", 1)]);
        return new Maps(y, x.Channels, height, width);
    }

    public static Maps Route(DarknetGraph graph, CfgSection layer)
    {
        Maps[] parts = [.. layer.Ints("layers").Select(number => From(graph, layer, number))];
        if (parts.Length == 0)
            throw layer.Fault("has no layers, expected their numbers");
        int groups = layer.Int("groups", 1, 1), group = layer.Int("group_id", 0);
        if (parts.FirstOrDefault(p => p.Height != parts[0].Height || p.Width != parts[0].Width) is { Name: not null } other)
            throw layer.Fault($"joins {parts[0]} and {other}, expected maps of one size; the input has to be a multiple of the network's "
                + "largest stride, most often 32");
        string name = $"route_{layer.Index}";
        if (groups > 1)
            for (int i = 0; i < parts.Length; i++)
            {
                if (parts[i].Channels % groups != 0 || group >= groups)
                    throw layer.Fault($"takes part {group} of {groups} of {parts[i].Channels} channels");
                long count = parts[i].Channels / groups;
                string cut = parts.Length == 1 ? name : $"{name}.{i}";
                parts[i] = parts[i] with
                {
                    Channels = count,
                    Name = graph.Node("Slice", cut, [parts[i].Name, graph.Numbers(cut + ".starts", group * count),
                        graph.Numbers(cut + ".ends", (group + 1) * count), graph.Numbers(cut + ".axes", 1)]),
                };
            }

        return parts.Length == 1 ? parts[0] : new Maps(graph.Node("Concat", name, parts.Select(p => p.Name), ("axis", 1)),
            parts.Sum(p => p.Channels), parts[0].Height, parts[0].Width);
    }

    public static Maps Shortcut(DarknetGraph graph, CfgSection layer)
    {
        if (layer.Text("weights_type", "none") != "none")
            throw layer.Fault($"weights_type={layer.Text("weights_type", "")} (weighted sums) is not read here");
        Maps x = graph.Spatial(graph.Last, $"{layer.Index}");
        int[] from = layer.Ints("from");
        if (from.Length == 0)
            throw layer.Fault("has no from, expected the number of a layer");
        double alpha = layer.Float("alpha", 1), beta = layer.Float("beta", 1);
        for (int i = 0; i < from.Length; i++)
        {
            string name = $"shortcut_{layer.Index}{(i < from.Length - 1 ? $".{i}" : "")}";
            Maps added = From(graph, layer, from[i]);
            if ((alpha != 1 || beta != 1) && (added.Height, added.Width, added.Channels) != (x.Height, x.Width, x.Channels))
                throw layer.Fault($"adds {added} to {x} with alpha and beta, expected equal shapes");
            string y = alpha == 1 ? x.Name : graph.Node("Mul", name + ".own", [x.Name, graph.Number(name + ".alpha", alpha)]);
            string z = beta == 1 ? Fitted(graph, layer, added, x, name)
                : graph.Node("Mul", name + ".added", [added.Name, graph.Number(name + ".beta", beta)]);
            x = x with { Name = graph.Node("Add", name, [y, z]) };
        }

        return x with { Name = DarknetActivations.Apply(graph, layer, x.Name, "linear") };
    }

    // Of maps of another shape Darknet adds the channels that both have: every s-th cell of larger maps, or to every s-th cell.
    private static string Fitted(DarknetGraph graph, CfgSection layer, Maps added, Maps x, string name)
    {
        string y = added.Name;
        long step = Math.Max(1, added.Width / x.Width), gap = Math.Max(1, x.Width / added.Width);
        long height = Math.Min(added.Height, x.Height), width = Math.Min(added.Width, x.Width);
        if (added.Height / x.Height != added.Width / x.Width || x.Height / added.Height != x.Width / added.Width
            || width * gap > x.Width || height * gap > x.Height)
            throw layer.Fault($"adds {added} to {x}, expected sides of one ratio");
        long channels = Math.Min(added.Channels, x.Channels);
        if (step > 1 || channels < added.Channels || added.Height > height * step || added.Width > width * step)
            y = graph.Node("Slice", name + ".sampled", [y, graph.Numbers(name + ".starts", 0, 0, 0),
                graph.Numbers(name + ".ends", channels, height * step, width * step), graph.Numbers(name + ".axes", 1, 2, 3),
                graph.Numbers(name + ".steps", 1, step, step)]);
        if (gap > 1)
        {
            string cells = graph.Node("Reshape", name + ".cells",
                [y, graph.Numbers(name + ".cells.shape", 0, channels, height, 1, width, 1)]);
            string spread = graph.Node("Pad", name + ".spread",
                [cells, graph.Numbers(name + ".spread.pads", 0, 0, 0, 0, 0, 0, 0, 0, 0, gap - 1, 0, gap - 1)]);
            y = graph.Node("Reshape", name + ".grown",
                [spread, graph.Numbers(name + ".grown.shape", 0, channels, height * gap, width * gap)]);
        }

        long below = x.Height - (height * gap), right = x.Width - (width * gap);
        return channels == x.Channels && below == 0 && right == 0 ? y : graph.Node("Pad", name + ".padded",
            [y, graph.Numbers(name + ".pads", 0, 0, 0, 0, 0, x.Channels - channels, below, right)]);
    }

    private static Maps From(DarknetGraph graph, CfgSection layer, int number)
    {
        long index = number < 0 ? (long)layer.Index + number : number;
        if (index < 0 || index >= layer.Index)
            throw layer.Fault($"takes layer {number}, expected one of the {layer.Index} before it");
        return graph.Outputs[(int)index] is { IsFlat: false } maps ? maps
            : throw layer.Fault($"takes layer {number}, which has no rows and columns; expected feature maps");
    }
}
