using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Taking elements out of a tensor by where they lie.</summary>
internal static class IndexingOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Compress", 9, Compress),
        new("Gather", 1, Gather),
        new("GatherElements", 11, GatherElements),
        new("GatherND", 11, GatherND),
        new("ReverseSequence", 10, ReverseSequence),
        new("Slice", 1, SliceByAttributes),
        new("Slice", 10, Slice),
        new("Where", 9, Where),
    ];

    // The condition may be shorter than the axis; what it does not reach is left out.
    private static OperatorFunction Compress(OnnxNode node)
    {
        long? axis = node.HasAttribute("axis") ? node.Int("axis", 0) : null;
        return operands =>
        {
            Tensor data = axis is null ? operands[0].reshape(-1) : operands[0];
            int along = OperandValues.Axis(node, axis ?? 0, (int)data.Dimensions);
            Tensor chosen = operands[1].reshape(-1).nonzero().reshape(-1);
            return [data.index_select(along, OperandValues.Indices(node, chosen, data.shape[along]))];
        };
    }

    // The shape of the indices takes the place of the axis.
    private static OperatorFunction Gather(OnnxNode node)
    {
        long axis = node.Int("axis", 0);
        return operands =>
        {
            Tensor data = operands[0];
            int along = OperandValues.Axis(node, axis, (int)data.Dimensions);
            long[] shape = [.. data.shape[..along], .. operands[1].shape, .. data.shape[(along + 1)..]];
            Budget.Require(node, data.dtype, shape);
            Tensor index = OperandValues.Indices(node, operands[1], data.shape[along]);
            return [data.index_select(along, index.reshape(-1)).reshape(shape)];
        };
    }

    private static OperatorFunction GatherElements(OnnxNode node)
    {
        long axis = node.Int("axis", 0);
        return operands =>
        {
            int along = OperandValues.Axis(node, axis, (int)operands[0].Dimensions);
            return [operands[0].gather(along, OperandValues.Indices(node, operands[1], operands[0].shape[along]))];
        };
    }

    private static OperatorFunction GatherND(OnnxNode node)
    {
        int batches = (int)node.Int("batch_dims", 0);
        return operands =>
        {
            Tensor data = operands[0];
            long[] shape = data.shape, indexed = operands[1].shape;
            IndexTuples tuples = IndexTuples.Of(node, operands[1], shape, batches);
            long[] result = [.. indexed[..^1], .. shape[(batches + tuples.Length)..]];
            Budget.Require(node, data.dtype, result);
            return [data.flatten(0, batches + tuples.Length - 1).index_select(0, tuples.Flat).reshape(result)];
        };
    }

    // Along the time axis the first so many elements of each sequence turn round; the rest stays.
    private static OperatorFunction ReverseSequence(OnnxNode node)
    {
        long timeAxis = node.Int("time_axis", 0), batchAxis = node.Int("batch_axis", 1);
        return operands =>
        {
            Tensor data = operands[0];
            long[] shape = data.shape;
            int time = OperandValues.Axis(node, timeAxis, shape.Length), batch = OperandValues.Axis(node, batchAxis, shape.Length);
            long steps = shape[time];
            if (operands[1].Dimensions != 1 || operands[1].shape[0] != shape[batch] || time == batch)
                throw node.Error($"has sequence_lens of shape {new TensorShape(operands[1].shape)} for {new TensorShape(shape)}");
            Tensor lengths = operands[1].to(ScalarType.Int64);
            if (lengths.numel() > 0 && (lengths.min().item<long>() < 0 || lengths.max().item<long>() > steps))
                throw node.Error($"has sequence lengths outside 0 to {steps}");

            Tensor at = arange(steps, ScalarType.Int64, data.device).reshape(Along(time)), length = lengths.reshape(Along(batch));
            Tensor source = where(at < length, length - 1 - at, at);
            return [data.gather(time, source.expand(shape))];

            long[] Along(int axis) => [.. shape.Select((size, i) => i == axis ? size : 1)];
        };
    }

    private static OperatorFunction SliceByAttributes(OnnxNode node)
    {
        long[] starts = node.Ints("starts") ?? [], ends = node.Ints("ends") ?? [];
        long[]? axes = node.Ints("axes");
        return operands => [Slice(node, operands[0], starts, ends, axes, null)];
    }

    internal static OperatorFunction Slice(OnnxNode node) => operands =>
        [Slice(node, operands[0], operands[1].ToLongs(), operands[2].ToLongs(), operands.Optional(3)?.ToLongs(),
            operands.Optional(4)?.ToLongs())];

    private static Tensor Slice(OnnxNode node, Tensor data, long[] starts, long[] ends, long[]? axes, long[]? steps)
    {
        int[] along = axes is null ? [.. Enumerable.Range(0, starts.Length)] : OperandValues.Axis(node, axes, (int)data.Dimensions);
        if (starts.Length != along.Length || ends.Length != along.Length || (steps ?? starts).Length != along.Length
            || along.Length > data.Dimensions)
            throw node.Error($"has {starts.Length} starts, {ends.Length} ends, {(steps ?? starts).Length} steps, "
                + $"expected one for each of {along.Length} axes");
        Tensor result = data.Again();
        for (int i = 0; i < along.Length; i++)
            result = Slice(node, result, along[i], starts[i], ends[i], steps?[i] ?? 1);
        return result;
    }

    // Bounds beyond the ends mean the ends. Backward, the end may lie one before the first element.
    private static Tensor Slice(OnnxNode node, Tensor data, int axis, long start, long end, long step)
    {
        long size = data.shape[axis];
        if (step == 0)
            throw node.Error("has step 0");
        bool toTheEnd = end is int.MaxValue or long.MaxValue;
        step = Math.Clamp(step, -size - 1, size + 1);
        start = start < 0 ? start + size : start;
        end = end < 0 ? end + size : end;
        if (step > 0)
        {
            start = Math.Clamp(start, 0, size);
            return data.slice(axis, start, Math.Max(start, Math.Clamp(end, 0, size)), step);
        }

        // torch has no negative steps: the same elements forward, then turned round. The largest end means "no end" in this
        // direction too, as ONNX Runtime reads it.
        start = Math.Clamp(start, 0, Math.Max(0, size - 1));
        end = toTheEnd ? -1 : Math.Clamp(end, -1, size - 1);
        long count = Math.Max(0, (start - end - step - 1) / -step);
        return count == 0 || size == 0
            ? data.slice(axis, 0, 0, 1)
            : data.slice(axis, start + (count - 1) * step, start + 1, -step).flip(axis);
    }

    private static OperatorFunction Where(OnnxNode _) => operands => [where(operands[0], operands[1], operands[2])];
}
