namespace CnnOnnx.Import;

/// <summary>Darknet's layers with weights: convolutions, fully connected ones, BatchNormalization alone.</summary>
internal static class WeightLayers
{
    public static Maps Convolutional(DarknetGraph graph, CfgSection layer)
    {
        layer.Refuse("binary", "binary weights");
        layer.Refuse("xnor", "binary weights and values");
        layer.Refuse("antialiasing", "a blur behind the convolution");
        layer.Refuse("dontload", "weights that are not in the file");
        layer.Refuse("dontloadscales", "BatchNormalization that is not in the file");
        if (layer.Has("share_index"))
            throw layer.Fault("share_index (the weights of another layer) is not read here");
        int i = layer.Index;
        Maps x = graph.Spatial(graph.Last, $"{i}");
        int filters = layer.Int("filters", 1, 1), size = layer.Int("size", 1, 1), groups = layer.Int("groups", 1, 1);
        int stride = layer.Int("stride", 1, 1), strideX = layer.Int("stride_x", stride, 1), strideY = layer.Int("stride_y", stride, 1);
        int dilation = layer.Int("dilation", 1, 1);
        // A padding of its own does not count beside pad=1, which is half of the kernel.
        int padding = layer.Int("pad", 0) != 0 ? size / 2 : layer.Int("padding", 0);
        padding *= dilation;
        if (x.Channels % groups != 0 || filters % groups != 0)
            throw layer.Fault($"{x.Channels} channels and {filters} filters cannot be parted into {groups} groups");
        int reach = ((size - 1) * dilation) + 1;
        bool normalized = layer.Int("batch_normalize", 0) != 0;
        // Order in the file: biases, what normalises, weights.
        string? bias = normalized ? null : graph.Weight(layer, $"conv_{i}.bias", filters);
        string[] norm = normalized ? Normalization(graph, layer, filters) : [];
        long inputs = x.Channels / groups;
        string weight = graph.Weight(layer, $"conv_{i}.weight", (filters, layer.Int("flipped", 0) != 0), filters, inputs, size, size);
        string y = graph.Node("Conv", $"conv_{i}", bias is null ? [x.Name, weight] : [x.Name, weight, bias],
            ("kernel_shape", new long[] { size, size }), ("strides", new long[] { strideY, strideX }),
            ("pads", new long[] { padding, padding, padding, padding }), ("dilations", new long[] { dilation, dilation }),
                ("group", groups));
        if (normalized)
            y = graph.Node("BatchNormalization", $"bn_{i}", [y, .. norm], ("epsilon", (float)graph.Epsilon));
        return new Maps(DarknetActivations.Apply(graph, layer, y, "logistic"), filters,
            ((x.Height + (2L * padding) - reach) / strideY) + 1, ((x.Width + (2L * padding) - reach) / strideX) + 1);
    }

    public static Maps Connected(DarknetGraph graph, CfgSection layer)
    {
        int i = layer.Index, outputs = layer.Int("output", 1, 1);
        Maps x = graph.Flat(graph.Last, $"{i}");
        bool normalized = layer.Int("batch_normalize", 0) != 0;
        // Unlike those of a convolution, the numbers that normalise stand behind the matrix; the bias is theirs then.
        string bias = graph.Weight(layer, normalized ? $"bn_{i}.bias" : $"fc_{i}.bias", outputs);
        string weight = graph.Weight(layer, $"fc_{i}.weight", (outputs, null), outputs, x.Channels);
        string y = graph.Node("Gemm", $"fc_{i}", normalized ? [x.Name, weight] : [x.Name, weight, bias], ("transB", 1));
        if (normalized)
            y = graph.Node("BatchNormalization", $"bn_{i}", [y, graph.Weight(layer, $"bn_{i}.weight", outputs), bias,
                graph.Weight(layer, $"bn_{i}.running_mean", outputs), graph.Weight(layer, $"bn_{i}.running_var", outputs)],
                ("epsilon", (float)graph.Epsilon));
        return new Maps(DarknetActivations.Apply(graph, layer, y, "logistic"), outputs, 1, 1) { IsFlat = true };
    }

    // Forks put biases in front of it in the file; the original has none.
    public static Maps BatchNorm(DarknetGraph graph, CfgSection layer)
    {
        int i = layer.Index;
        Maps x = graph.Last;
        string scale = graph.Weight(layer, $"bn_{i}.weight", x.Channels), mean = graph.Weight(layer, $"bn_{i}.running_mean", x.Channels);
        string variance = graph.Weight(layer, $"bn_{i}.running_var", x.Channels);
        string zero = graph.Floats($"bn_{i}.bias", new float[x.Channels]);
        return x with
        {
            Name = graph.Node("BatchNormalization", $"bn_{i}", [x.Name, scale, zero, mean, variance], ("epsilon", (float)graph.Epsilon)),
        };
    }

    // Scale, bias, mean and variance in the order of the node; the file has the biases first.
    private static string[] Normalization(DarknetGraph graph, CfgSection layer, int channels)
    {
        string Next(string part) => graph.Weight(layer, $"bn_{layer.Index}.{part}", channels);
        string bias = Next("bias");
        return [Next("weight"), bias, Next("running_mean"), Next("running_var")];
    }
}
