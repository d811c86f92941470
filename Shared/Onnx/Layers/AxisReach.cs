namespace CnnOnnx.Onnx;

/// <summary>Operators that move axes, or mix what stands along some of them.</summary>
internal static class AxisReach
{
    private const int FirstPlaces = 2;

    public static Dictionary<string, Func<ReachingNode, MapReach?>> Rules => new()
    {
        ["Transpose"] = Transposed,
        ["Reshape"] = Reshaped,
        ["Concat"] = Joined,
        ["Split"] = node => node.Only is { } maps && !IsPlace(maps, ReachingNode.Axis(node.Node.Int("axis", 0), maps.Rank)) ? maps : null,
        ["MatMul"] = node => node.Only is { } maps && maps.Rank > 2 && !IsPlace(maps, maps.Rank - 1) ? maps : null,
        ["InstanceNormalization"] = node => node.Only?.Mixed(_ => true),
        ["GroupNormalization"] = node => node.Only?.Mixed(_ => true),
        ["LayerNormalization"] = node => From(node, -1),
        ["RMSNormalization"] = node => From(node, -1),
        ["MeanVarianceNormalization"] = node => node.Only is { } maps
            ? maps.Mixed(axis => (node.Node.Ints("axes") ?? [0, 2, 3]).Any(own => ReachingNode.Axis(own, maps.Rank) == axis)) : null,
        ["LpNormalization"] = node => One(node, -1),
        ["Softmax"] = node => node.Node.Opset < 13 ? From(node, 1) : One(node, -1),
        ["LogSoftmax"] = node => node.Node.Opset < 13 ? From(node, 1) : One(node, -1),
        ["GlobalAveragePool"] = Pooled,
        ["GlobalMaxPool"] = Pooled,
        ["GlobalLpPool"] = Pooled,
        ["ReduceMean"] = Reduced,
        ["ReduceMax"] = Reduced,
        ["ReduceMin"] = Reduced,
        ["ReduceSum"] = Reduced,
        ["ReduceL1"] = Reduced,
        ["ReduceL2"] = Reduced,
        ["ReduceSumSquare"] = Reduced,
        ["ReduceProd"] = Reduced,
        ["ReduceLogSumExp"] = Reduced,
        ["ArgMax"] = node => Reduced(node, [node.Node.Int("axis", 0)]),
        ["ArgMin"] = node => Reduced(node, [node.Node.Int("axis", 0)]),
    };

    private static bool IsPlace(MapReach maps, int axis) => axis == maps.RowAxis || axis == maps.ColumnAxis;

    // All axes from one on are mixed.
    private static MapReach? From(ReachingNode node, long missing) => node.Only is { } maps
        ? maps.Mixed(axis => axis >= ReachingNode.Axis(node.Node.Int("axis", missing), maps.Rank)) : null;

    private static MapReach? One(ReachingNode node, long missing) => node.Only is { } maps
        ? maps.Mixed(axis => axis == ReachingNode.Axis(node.Node.Int("axis", missing), maps.Rank)) : null;

    private static MapReach? Pooled(ReachingNode node) => node.Only is { } maps
        ? maps.Along((reach, axis) => axis < FirstPlaces ? null : reach.Mix(1)) : null;

    private static MapReach? Reduced(ReachingNode node) =>
        node.Node.Ints("axes") is { } told ? Reduced(node, told)
        : node.Node.HasInput(1) ? node.Integers(1) is { } given ? Reduced(node, given) : null
        : node.Only is { } maps && node.Node.Int("noop_with_empty_axes", 0) == 0
            ? Reduced(node, [.. Enumerable.Range(0, maps.Rank).Select(axis => (long)axis)]) : null;

    private static MapReach? Reduced(ReachingNode node, long[] over)
    {
        if (node.Only is not { } maps)
            return null;
        int[] axes = [.. over.Select(axis => ReachingNode.Axis(axis, maps.Rank))];
        MapReach kept = maps.Along((reach, axis) => axes.Contains(axis) ? reach.Mix(1) : reach)!;
        if (node.Node.Int("keepdims", 1) != 0 || kept.IsWhole)
            return kept;
        return axes.Any(axis => IsPlace(maps, axis)) ? null : kept with
        {
            Rank = maps.Rank - axes.Length,
            RowAxis = maps.RowAxis - axes.Count(axis => axis < maps.RowAxis),
            ColumnAxis = maps.ColumnAxis - axes.Count(axis => axis < maps.ColumnAxis),
        };
    }

    private static MapReach? Transposed(ReachingNode node)
    {
        if (node.Only is not { } maps)
            return null;
        long[] order = node.Node.Ints("perm") ?? [.. Enumerable.Range(0, maps.Rank).Reverse().Select(axis => (long)axis)];
        return order.Length != maps.Rank ? null : maps with
        {
            RowAxis = Array.IndexOf(order, maps.RowAxis),
            ColumnAxis = Array.IndexOf(order, maps.ColumnAxis),
        };
    }

    // Only channels are folded where rows and columns stay the last two axes with their sizes, as where channels are shuffled.
    private static MapReach? Reshaped(ReachingNode node)
    {
        if (node.Only is not { } maps || node.Integers(1) is not { Length: >= 2 } shape
            || (maps.RowAxis, maps.ColumnAxis) != (maps.Rank - 2, maps.Rank - 1))
            return null;
        bool Stays(long side, int count) => side == count || (side == 0 && shape.Length == maps.Rank);
        return !Stays(shape[^2], maps.Rows.Count) || !Stays(shape[^1], maps.Columns.Count) ? null
            : maps with { Rank = shape.Length, RowAxis = shape.Length - 2, ColumnAxis = shape.Length - 1 };
    }

    private static MapReach? Joined(ReachingNode node)
    {
        MapReach?[] read = [.. node.Operands.Select(operand => operand?.Reach)];
        if (read.OfType<MapReach>().FirstOrDefault(maps => maps.Rank > 0) is not { } first)
            return null;
        int axis = ReachingNode.Axis(node.Node.Int("axis", 0), first.Rank);
        if (!IsPlace(first, axis))
            return ReachRules.United(node);
        // One behind the other: each has to be known. Across, the box is the widest of them.
        if (read.Any(maps => maps is null || (maps.Rank, maps.RowAxis, maps.ColumnAxis) != (first.Rank, first.RowAxis, first.ColumnAxis)))
            return null;
        Reach?[] lines = [.. read.Select(maps => axis == first.RowAxis ? maps!.Rows : maps!.Columns)];
        Reach?[] across = [.. read.Select(maps => axis == first.RowAxis ? maps!.Columns : maps!.Rows)];
        var joined = new Reach([.. lines.SelectMany(line => line!.First)], [.. lines.SelectMany(line => line!.Last)], lines[0]!.Picture);
        return across.Aggregate((a, b) => b is null ? null : a?.With(b)) is not { } united ? null
            : axis == first.RowAxis ? first with { Rows = joined, Columns = united } : first with { Rows = united, Columns = joined };
    }
}
