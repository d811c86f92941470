using System.Collections.Frozen;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Tells for each operator that only moves numbers where an element of its result stood before: one row each.</summary>
internal static class ElementMoves
{
    private static readonly FrozenDictionary<string, Row> Rows = new Dictionary<string, Row>
    {
        ["Identity"] = new(Same),
        ["Cast"] = new(Same),
        ["Dropout"] = new(Same),
        ["Sigmoid"] = new(Same) { IsScore = true },
        ["Softmax"] = new(Same) { IsScore = true },
        ["LogSoftmax"] = new(Same) { IsScore = true },
        ["Reshape"] = new(Relinked),
        ["Flatten"] = new(Relinked),
        ["Squeeze"] = new(Relinked),
        ["Unsqueeze"] = new(Relinked),
        ["Transpose"] = new(Transposed),
        ["Slice"] = new(Sliced),
        ["Concat"] = new(Joined) { AllData = true },
        ["Split"] = new(Divided),
        ["Gather"] = new(Gathered),
        ["GatherElements"] = new(GatheredElement),
        ["GatherND"] = new(GatheredTuple),
        ["TopK"] = new(Ranked),
        ["ReduceMax"] = new(Largest),
        ["Expand"] = new(Repeated),
        ["Tile"] = new(Repeated),
    }.ToFrozenDictionary();

    /// <summary>True when there is a row for the node's operator.</summary>
    public static bool Knows(OnnxNode node) => node.Domain.Length == 0 && Rows.ContainsKey(node.OpType);

    /// <summary>True for what makes scores of numbers, one for each.</summary>
    public static bool IsScore(OnnxNode node) => Rows.TryGetValue(node.OpType, out Row? row) && row.IsScore;

    /// <summary>True for the operand that is moved, false for one that says how.</summary>
    public static bool IsData(OnnxNode node, string input) => Rows[node.OpType].AllData || node.Inputs[0] == input;

    /// <summary>The place of an element before the node; null where the run does not tell.</summary>
    /// <param name="node">Node of a known operator.</param>
    /// <param name="output">The result that has the element.</param>
    /// <param name="index">Place in the result, one number an axis.</param>
    /// <param name="scene">Shapes, and values of indices.</param>
    public static (string Tensor, long[] Index)? Before(OnnxNode node, string output, long[] index, TargetScene scene) =>
        Rows[node.OpType].Move(new Step(node, output, index, scene)) is { } found
            && scene.ShapeOf(found.Tensor) is { } shape && TracedElement.Fits(found.Index, shape) ? found : null;

    private static (string, long[])? Same(Step step) => step.Output == step.Node.Outputs[0] ? (step.Data, step.Index) : null;

    // As many elements in the same order under another shape.
    private static (string, long[])? Relinked(Step step) =>
        step.ShapeOf(step.Output) is { } after && step.ShapeOf(step.Data) is { } before && after.Count == before.Count
            ? (step.Data, Unravel(Ravel(step.Index, after), before))
            : null;

    private static (string, long[])? Transposed(Step step)
    {
        long[] order = step.Node.Ints("perm") ?? [.. Enumerable.Range(0, step.Index.Length).Select(axis => (long)axis).Reverse()];
        if (order.Length != step.Index.Length)
            return null;
        long[] before = new long[order.Length];
        for (int axis = 0; axis < order.Length; axis++)
            before[order[axis]] = step.Index[axis];
        return (step.Data, before);
    }

    private static (string, long[])? Sliced(Step step)
    {
        if (step.ShapeOf(step.Data) is not { } shape || step.Integers(1, "starts") is not { } starts)
            return null;
        long[] axes = step.Integers(3, "axes") ?? [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        long[] steps = step.Integers(4, "steps") ?? [.. starts.Select(_ => 1L)];
        long[] before = [.. step.Index];
        for (int i = 0; i < axes.Length; i++)
        {
            long axis = axes[i] < 0 ? axes[i] + shape.Rank : axes[i], size = shape[(int)axis];
            long start = starts[i] < 0 ? starts[i] + size : starts[i];
            start = Math.Clamp(start, 0, steps[i] > 0 ? size : size - 1);
            before[axis] = start + step.Index[axis] * steps[i];
        }

        return (step.Data, before);
    }

    private static (string, long[])? Joined(Step step)
    {
        int axis = step.Axis(1);
        long place = step.Index[axis];
        foreach (string input in step.Node.Inputs)
        {
            if (step.ShapeOf(input) is not { } shape)
                return null;
            if (place < shape[axis])
                return (input, step.With(axis, place));
            place -= shape[axis];
        }

        return null;
    }

    private static (string, long[])? Divided(Step step)
    {
        int axis = step.Axis(0);
        long place = step.Index[axis];
        foreach (string output in step.Node.Outputs.TakeWhile(name => name != step.Output))
            if (step.ShapeOf(output) is { } shape)
                place += shape[axis];
            else
                return null;
        return (step.Data, step.With(axis, place));
    }

    private static (string, long[])? Gathered(Step step)
    {
        if (step.ShapeOf(step.Data) is not { } shape || step.ShapeOf(step.Node.Inputs[1]) is not { } chosenShape
            || step.Integers(1) is not { } chosen)
            return null;
        int axis = step.AxisOf(shape.Rank, 0);
        long[] within = step.Index[axis..(axis + chosenShape.Rank)];
        long place = chosen[Ravel(within, chosenShape)];
        place = place < 0 ? place + shape[axis] : place;
        return (step.Data, [.. step.Index[..axis], place, .. step.Index[(axis + chosenShape.Rank)..]]);
    }

    private static (string, long[])? GatheredElement(Step step)
    {
        if (step.ShapeOf(step.Data) is not { } shape || step.Integers(1) is not { } chosen
            || step.ShapeOf(step.Node.Inputs[1]) is not { } chosenShape)
            return null;
        int axis = step.AxisOf(shape.Rank, 0);
        long place = chosen[Ravel(step.Index, chosenShape)];
        return (step.Data, step.With(axis, place < 0 ? place + shape[axis] : place));
    }

    private static (string, long[])? GatheredTuple(Step step)
    {
        if (step.ShapeOf(step.Data) is not { } shape || step.Integers(1) is not { } chosen
            || step.ShapeOf(step.Node.Inputs[1]) is not { Rank: > 0 } chosenShape)
            return null;
        int batch = (int)step.Node.Int("batch_dims", 0), length = (int)chosenShape[^1], outer = chosenShape.Rank - 1;
        long row = Ravel(step.Index[..outer], new TensorShape(chosenShape.Dims.AsSpan()[..outer]));
        long[] tuple = [.. Enumerable.Range(0, length).Select(i => chosen[row * length + i])];
        for (int i = 0; i < length; i++)
            tuple[i] = tuple[i] < 0 ? tuple[i] + shape[batch + i] : tuple[i];
        return (step.Data, [.. step.Index[..batch], .. tuple, .. step.Index[outer..]]);
    }

    private static (string, long[])? Ranked(Step step)
    {
        if (step.Output != step.Node.Outputs[0] || step.Node.Outputs.Length < 2
            || step.Scene.IntegersOf(step.Node.Outputs[1]) is not { } chosen || step.ShapeOf(step.Output) is not { } shape)
            return null;
        return (step.Data, step.With(step.AxisOf(shape.Rank, -1), chosen[Ravel(step.Index, shape)]));
    }

    // The element that was the largest along the reduced axes.
    private static (string, long[])? Largest(Step step)
    {
        if (step.ShapeOf(step.Data) is not { } shape || step.Scene.FloatsOf(step.Data) is not { } values)
            return null;
        long[] axes = step.Integers(1, "axes") ?? [.. Enumerable.Range(0, shape.Rank).Select(axis => (long)axis)];
        HashSet<int> reduced = [.. axes.Select(axis => (int)(axis < 0 ? axis + shape.Rank : axis))];
        bool keeps = step.Node.Int("keepdims", 1) == 1;
        long[] before = new long[shape.Rank];
        for (int axis = 0, place = 0; axis < shape.Rank; axis++)
            if (!reduced.Contains(axis))
                before[axis] = step.Index[keeps ? axis : place++];
        (long[]? best, float largest) = (null, float.NegativeInfinity);
        int[] order = [.. reduced.Order()];
        long count = order.Aggregate(1L, (product, axis) => product * shape[axis]);
        var sizes = new TensorShape([.. order.Select(axis => shape[axis])]);
        for (long i = 0; i < count; i++)
        {
            long[] within = Unravel(i, sizes);
            for (int a = 0; a < order.Length; a++)
                before[order[a]] = within[a];
            float value = values[Ravel(before, shape)];
            if (best is null || value > largest)
                (best, largest) = ([.. before], value);
        }

        return best is null ? null : (step.Data, best);
    }

    private static (string, long[])? Repeated(Step step)
    {
        if (step.ShapeOf(step.Data) is not { } shape)
            return null;
        long[] own = step.Index[^shape.Rank..];
        return (step.Data, [.. own.Select((place, axis) => shape[axis] == 0 ? 0 : place % shape[axis])]);
    }

    private static long Ravel(ReadOnlySpan<long> index, TensorShape shape)
    {
        long place = 0;
        for (int axis = 0; axis < index.Length; axis++)
            place = place * shape[axis] + index[axis];
        return place;
    }

    private static long[] Unravel(long place, TensorShape shape)
    {
        long[] index = new long[shape.Rank];
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
            (place, index[axis]) = (place / shape[axis], place % shape[axis]);
        return index;
    }

    private sealed record Row(Func<Step, (string Tensor, long[] Index)?> Move)
    {
        public bool IsScore { get; init; }

        // All operands are moved, not the first alone.
        public bool AllData { get; init; }
    }

    private sealed record Step(OnnxNode Node, string Output, long[] Index, TargetScene Scene)
    {
        public string Data => Node.Inputs[0];

        public TensorShape? ShapeOf(string tensor) => Scene.ShapeOf(tensor);

        public int Axis(long missing) => AxisOf(Index.Length, missing);

        public int AxisOf(int rank, long missing)
        {
            long axis = Node.Int("axis", missing);
            return (int)(axis < 0 ? axis + rank : axis);
        }

        public long[] With(int axis, long place) => [.. Index.Select((old, i) => i == axis ? place : old)];

        public long[]? Integers(int input, string attribute = "") =>
            Node.HasInput(input) ? Scene.IntegersOf(Node.Inputs[input]) : attribute.Length > 0 ? Node.Ints(attribute) : null;
    }
}
