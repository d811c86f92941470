namespace CnnOnnx.Onnx;

/// <summary>Places of maps that are made larger, smaller or wider: enlarged, folded into channels and back, padded, cut.</summary>
internal static class ResampledReach
{
    // Of what a fraction has left after its float's rounding.
    private const double Rounding = 1e-6;

    public static Dictionary<string, Func<ReachingNode, MapReach?>> Rules => new()
    {
        ["Resize"] = node => Resized(node, scales: node.Node.Inputs.Length > 2 ? 2 : 1, sizes: 3),
        ["Upsample"] = node => Resized(node, scales: 1, sizes: int.MaxValue),
        ["DepthToSpace"] = node => Blocks(node, (reach, side) => reach.Read(reach.Count * side, i => [i / side])),
        ["SpaceToDepth"] = node => Blocks(node, (reach, side) => reach.Read(reach.Count / side, i => Enumerable.Range(i * side, side))),
        ["Pad"] = Padded,
        ["Slice"] = Sliced,
    };

    private static MapReach? Blocks(ReachingNode node, Func<Reach, int, Reach> change) =>
        node.Node.Int("blocksize", 0) is > 0 and < int.MaxValue and var side
            ? node.Only?.Along((reach, _) => change(reach, (int)side)) : null;

    private static MapReach? Resized(ReachingNode node, int scales, int sizes)
    {
        OnnxNode resize = node.Node;
        if (node.Only is not { } maps || resize.HasAttribute("axes") || resize.Int("antialias", 0) != 0
            || resize.Text("keep_aspect_ratio_policy", "stretch") != "stretch")
            return null;
        double[]? wanted = node.Constants.Of(resize, sizes);
        double[]? factors = node.Constants.Of(resize, scales) is { Length: > 0 } given ? given
            : resize.Floats("scales")?.Select(factor => (double)factor).ToArray();
        if ((wanted ?? factors)?.Length != maps.Rank)
            return null;
        bool isOld = resize.OpType == "Upsample" || resize.Opset < 11;
        string place = resize.Text("coordinate_transformation_mode", isOld ? "asymmetric" : "half_pixel");
        string mode = resize.Text("mode", "nearest"), nearest = resize.Text("nearest_mode", isOld ? "floor" : "round_prefer_floor");
        return maps.Along((reach, axis) =>
        {
            int count = wanted is null ? (int)Math.Floor(reach.Count * factors![axis] + Rounding) : (int)wanted[axis];
            double factor = wanted is null ? factors![axis] : (double)count / reach.Count;
            if (count < 1 || PlaceOf(place, 0, count, reach.Count, factor) is null)
                return null;
            return reach.Read(count, i => Taps(mode, nearest, PlaceOf(place, i, count, reach.Count, factor)!.Value)
                .Select(tap => Math.Clamp(tap, 0, reach.Count - 1)));
        });
    }

    private static double? PlaceOf(string mode, int i, int count, int before, double factor) => mode switch
    {
        "half_pixel" => (i + 0.5) / factor - 0.5,
        "pytorch_half_pixel" => count > 1 ? (i + 0.5) / factor - 0.5 : 0,
        "align_corners" => count > 1 ? i * (before - 1.0) / (count - 1) : 0,
        "asymmetric" => i / factor,
        _ => null,
    };

    private static IEnumerable<int> Taps(string mode, string nearest, double place)
    {
        double whole = Math.Round(place);
        bool isWhole = Math.Abs(place - whole) < Rounding;
        if (isWhole)
            return [(int)whole];
        int floor = (int)Math.Floor(place);
        return mode switch
        {
            "linear" => [floor, floor + 1],
            "cubic" => [floor - 1, floor, floor + 1, floor + 2],
            _ => [nearest switch
            {
                "floor" => floor,
                "ceil" => floor + 1,
                "round_prefer_ceil" => (int)Math.Floor(place + 0.5),
                _ => (int)Math.Ceiling(place - 0.5),
            }],
        };
    }

    private static MapReach? Padded(ReachingNode node)
    {
        if (node.Only is not { } maps || node.Node.HasInput(3)
            || (node.Node.Ints("pads") ?? node.Integers(1)) is not { } pads || pads.Length != 2 * maps.Rank)
            return null;
        string mode = node.Node.Text("mode", "constant");
        return maps.Along((reach, axis) =>
        {
            (int before, int after) = ((int)pads[axis], (int)pads[axis + maps.Rank]);
            int size = reach.Count, count = size + before + after;
            return count < 1 ? null : reach.Read(count, i => [mode switch
            {
                "edge" => Math.Clamp(i - before, 0, size - 1),
                "reflect" => Mirrored(i - before, size),
                "wrap" => ((i - before) % size + size) % size,
                _ => i - before,
            }]);
        });
    }

    private static int Mirrored(int place, int size)
    {
        if (size == 1)
            return 0;
        int period = 2 * (size - 1), within = (place % period + period) % period;
        return within < size ? within : period - within;
    }

    private static MapReach? Sliced(ReachingNode node)
    {
        if (node.Only is not { } maps || (node.Node.Ints("starts") ?? node.Integers(1)) is not { } starts
            || (node.Node.Ints("ends") ?? node.Integers(2)) is not { } ends || starts.Length != ends.Length)
            return null;
        bool areAxesTold = node.Node.HasAttribute("axes") || node.Node.HasInput(3), areStepsTold = node.Node.HasInput(4);
        long[]? axes = areAxesTold ? node.Node.Ints("axes") ?? node.Integers(3) : [.. starts.Select((_, i) => (long)i)];
        long[]? steps = areStepsTold ? node.Integers(4) : [.. starts.Select(_ => 1L)];
        if (axes?.Length != starts.Length || steps?.Length != starts.Length)
            return null;
        return maps.Along((reach, axis) =>
        {
            int at = Array.FindIndex(axes, own => ReachingNode.Axis(own, maps.Rank) == axis);
            return at < 0 ? reach : Cut(reach, starts[at], ends[at], steps[at]);
        });
    }

    // As the specification counts: from the end below 0, and no further than there are places.
    private static Reach? Cut(Reach reach, long start, long end, long step)
    {
        int size = reach.Count;
        long From(long place, long least, long most) => Math.Clamp(place < 0 ? place + size : place, least, most);
        (start, end) = step > 0 ? (From(start, 0, size), From(end, 0, size)) : (From(start, 0, size - 1), From(end, -1, size - 1));
        long count = step == 0 ? 0 : (end - start + step - Math.Sign(step)) / step;
        return count < 1 ? null : reach.Read((int)count, i => [(int)(start + i * step)]);
    }
}
