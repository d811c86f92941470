using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Making tensors larger or smaller at their borders.</summary>
internal static class PadOperators
{
    // For positions before the first element (negative), on and behind the last one: those whose elements go there.
    private static readonly Dictionary<string, Func<Tensor, long, Tensor>> Sources = new()
    {
        ["edge"] = (at, size) => at.clamp(0, size - 1),
        ["reflect"] = Mirror,
        ["wrap"] = (at, size) => at.remainder(size),
    };

    public static Operator[] Rows { get; } =
    [
        new("Pad", 1, PadByAttributes),
        new("Pad", 11, Pad),
        new("CenterCropPad", 18, CenterCropPad),
    ];

    private static OperatorFunction PadByAttributes(OnnxNode node)
    {
        string mode = Mode(node);
        float value = node.Float("value", 0);
        long[] pads = node.Ints("pads") ?? node.Ints("paddings") ?? throw node.Error("has no attribute 'pads'");
        return operands => [Pad(node, operands[0], mode, pads, Enumerable.Range(0, (int)operands[0].Dimensions).ToArray(), value)];
    }

    private static OperatorFunction Pad(OnnxNode node)
    {
        string mode = Mode(node);
        return operands =>
        {
            int rank = (int)operands[0].Dimensions;
            int[] axes = operands.Optional(3) is { } given ? OperandValues.Axis(node, given.ToLongs(), rank)
                : [.. Enumerable.Range(0, rank)];
            Scalar value = operands.Optional(2) is { } number && number.numel() > 0 ? number.detach().reshape(-1)[0].ToScalar() : 0;
            return [Pad(node, operands[0], mode, operands[1].ToLongs(), axes, value)];
        };
    }

    private static string Mode(OnnxNode node)
    {
        return node.OneOf("mode", ["constant", .. Sources.Keys]);
    }

    /// <param name="pads">Elements to add before each of the axes, then behind; negative numbers take away.</param>
    private static Tensor Pad(OnnxNode node, Tensor data, string mode, long[] pads, int[] axes, Scalar value)
    {
        if (pads.Length != 2 * axes.Length)
            throw node.Error($"has {pads.Length} pads for {axes.Length} axes, expected two for each");
        Tensor result = data.Again();
        for (int i = 0; i < axes.Length; i++)
            result = Crop(node, result, axes[i], pads[i], pads[i + axes.Length]);

        long[] shape = result.shape;
        for (int i = 0; i < axes.Length; i++)
            shape[axes[i]] = Sum(shape[axes[i]], Math.Max(pads[i], 0), Math.Max(pads[i + axes.Length], 0));
        Budget.Require(node, data.dtype, shape);

        for (int i = 0; i < axes.Length; i++)
        {
            long before = Math.Max(pads[i], 0), behind = Math.Max(pads[i + axes.Length], 0);
            if (before + behind > 0)
                result = mode == "constant" ? Fill(result, axes[i], before, behind, value)
                    : Copy(node, result, axes[i], before, behind, mode);
        }

        return result;
    }

    private static Tensor Crop(OnnxNode node, Tensor data, int axis, long before, long behind)
    {
        if (before >= 0 && behind >= 0)
            return data;
        long size = data.shape[axis], start = -Math.Clamp(before, -size - 1, 0), length = size - start + Math.Clamp(behind, -size - 1, 0);
        return length >= 0
            ? data.narrow(axis, start, length)
            : throw node.Error($"takes {before} and {behind} away from size {size} of axis {axis}");
    }

    private static Tensor Fill(Tensor data, int axis, long before, long behind, Scalar value)
    {
        long[] shape = data.shape;
        return cat([Filled(before), data, Filled(behind)], axis);

        Tensor Filled(long size) => full([.. shape[..axis], size, .. shape[(axis + 1)..]], value, data.dtype, data.device);
    }

    private static Tensor Copy(OnnxNode node, Tensor data, int axis, long before, long behind, string mode)
    {
        long size = data.shape[axis];
        if (size == 0)
            throw node.Error($"pads axis {axis} by {mode}, but it is empty");
        Budget.Require(node, ScalarType.Int64, before + size + behind);
        Tensor at = arange(-before, size + behind, ScalarType.Int64, data.device);
        return data.index_select(axis, Sources[mode](at, size));
    }

    // … 2 1 [0 1 2 3] 2 1 0 1 …: a period of 2·(size − 1), since the border element does not repeat.
    private static Tensor Mirror(Tensor at, long size)
    {
        long period = Math.Max(1, 2 * (size - 1));
        Tensor phase = at.remainder(period);
        return minimum(phase, period - phase).clamp_max(size - 1);
    }

    private static long Sum(long size, long before, long behind) =>
        before > long.MaxValue / 4 || behind > long.MaxValue / 4 ? long.MaxValue : size + before + behind;

    // An odd element too many is taken from the end, one too few is added at the end.
    private static OperatorFunction CenterCropPad(OnnxNode node)
    {
        long[]? attribute = node.Ints("axes");
        return operands =>
        {
            long[] shape = operands[0].shape, wanted = operands[1].ToLongs();
            int[] axes = attribute is null ? [.. Enumerable.Range(0, shape.Length)] : OperandValues.Axis(node, attribute, shape.Length);
            if (wanted.Length != axes.Length)
                throw node.Error($"asks for shape {new TensorShape(wanted)} of {axes.Length} axes");
            Budget.Require(node, ScalarType.Byte, wanted);
            long[] before = [.. axes.Select((axis, i) => Half(wanted[i] - shape[axis]))];
            long[] behind = [.. axes.Select((axis, i) => wanted[i] - shape[axis] - before[i])];
            return [Pad(node, operands[0], "constant", [.. before, .. behind], axes, 0)];
        };

        static long Half(long difference) => difference / 2;
    }
}
