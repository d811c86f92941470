namespace CnnOnnx.Onnx;

/// <summary>Places that a window slides over: convolutions and pools, and the transposed convolution.</summary>
internal static class WindowReach
{
    // Maps [N, C, H, W]: entry 0 of a window's attributes is for axis 2.
    private const int Rank = 4, FirstAxis = 2, Sides = 2;

    public static Dictionary<string, Func<ReachingNode, MapReach?>> Rules => new()
    {
        ["Conv"] = node => Slide(node, 1),
        ["FusedConv"] = node => node.Operands.Length > 3 && node.Operands[3] is not null ? null : Slide(node, 1),
        ["ConvInteger"] = node => Slide(node, 1),
        ["QLinearConv"] = node => Slide(node, 3),
        ["MaxPool"] = node => Slide(node, null),
        ["AveragePool"] = node => Slide(node, null),
        ["LpPool"] = node => Slide(node, null),
        ["ConvTranspose"] = Transposed,
    };

    // Along one axis: size, step and dilation of the window, and the places that are padded at either end.
    private sealed record Window(int Size, int Stride, int Dilation, int Before, int After)
    {
        public int Extent => (Size - 1) * Dilation + 1;
    }

    private static MapReach? Slide(ReachingNode node, int? weight)
    {
        if (SidesOf(node, weight) is not { } sides || node.Only is not { Rank: Rank, RowAxis: >= FirstAxis, ColumnAxis: >= FirstAxis } maps)
            return null;
        bool roundsUp = node.Node.Int("ceil_mode", 0) == 1;
        return maps.Along((reach, axis) =>
        {
            Window window = Padded(node.Node, WindowOf(node.Node, sides, axis - FirstAxis), reach.Count);
            int room = reach.Count + window.Before + window.After - window.Extent;
            if (room < 0)
                return null;
            int count = (roundsUp ? (room + window.Stride - 1) / window.Stride : room / window.Stride) + 1;
            // No window begins in the padding at the end.
            if (roundsUp && (count - 1) * window.Stride >= reach.Count + window.Before)
                count--;
            return reach.Read(count, i => Enumerable.Range(0, window.Size)
                .Select(tap => i * window.Stride - window.Before + tap * window.Dilation));
        });
    }

    private static MapReach? Transposed(ReachingNode node)
    {
        if (SidesOf(node, 1) is not { } sides || node.Only is not { Rank: Rank, RowAxis: >= FirstAxis, ColumnAxis: >= FirstAxis } maps
            || node.Node.HasAttribute("output_shape") || node.Node.Text("auto_pad", "NOTSET") is not ("NOTSET" or "VALID"))
            return null;
        return maps.Along((reach, axis) =>
        {
            Window window = Padded(node.Node, WindowOf(node.Node, sides, axis - FirstAxis), reach.Count);
            int more = (int)(node.Node.Ints("output_padding")?.ElementAtOrDefault(axis - FirstAxis) ?? 0);
            int count = (reach.Count - 1) * window.Stride + more + window.Extent - window.Before - window.After;
            return count < 1 ? null : reach.Read(count, i => Enumerable.Range(0, window.Size)
                .Select(tap => i + window.Before - tap * window.Dilation)
                .Where(place => place >= 0 && place % window.Stride == 0).Select(place => place / window.Stride));
        });
    }

    // Rows and columns of the window: what the attribute says, else the weight's own.
    private static long[]? SidesOf(ReachingNode node, int? weight) =>
        node.Node.Ints("kernel_shape") is { Length: Sides } told ? told
        : weight is { } place && node.Node.HasInput(place)
            && node.Graph.Initializer.GetValueOrDefault(node.Node.Inputs[place]) is { Shape.Rank: Rank } kernel
            ? [kernel.Shape[FirstAxis], kernel.Shape[FirstAxis + 1]] : null;

    private static Window WindowOf(OnnxNode node, long[] sides, int side)
    {
        long At(string name, int entry, long missing) => node.Ints(name) is { } told && entry < told.Length ? told[entry] : missing;
        return new Window((int)sides[side], (int)Math.Max(1, At("strides", side, 1)), (int)Math.Max(1, At("dilations", side, 1)),
            (int)At("pads", side, 0), (int)At("pads", side + Sides, 0));
    }

    private static Window Padded(OnnxNode node, Window window, int places)
    {
        string how = node.Text("auto_pad", "NOTSET");
        if (how is not ("SAME_UPPER" or "SAME_LOWER"))
            return how == "VALID" ? window with { Before = 0, After = 0 } : window;
        int count = (places - 1) / window.Stride + 1;
        int all = Math.Max(0, (count - 1) * window.Stride + window.Extent - places), less = all / 2;
        return how == "SAME_UPPER" ? window with { Before = less, After = all - less } : window with { Before = all - less, After = less };
    }
}
