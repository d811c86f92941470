using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Operators that give the same elements another shape or type, or tell what the shape is.</summary>
internal static class ShapeOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Cast", 6, Cast),
        new("CastLike", 15, CastLike),
        new("Expand", 8, Expand),
        new("Flatten", 1, Flatten),
        new("Identity", 1, Identity),
        new("Reshape", 1, Reshape),
        new("Shape", 1, Shape),
        new("Size", 1, Size),
        new("Squeeze", 1, Squeeze),
        new("Tile", 6, Tile),
        new("Transpose", 1, Transpose),
        new("Unsqueeze", 1, Unsqueeze),
    ];

    // Floating point to integer truncates toward zero; saturate concerns only 8-bit floats.
    private static OperatorFunction Cast(OnnxNode node)
    {
        ScalarType type = node.Type("to");
        // Unsigned types that are held in wider signed ones wrap round at their own end.
        long? mask = (ElementType)node.Int("to", 0) switch
        {
            ElementType.UInt16 => ushort.MaxValue,
            ElementType.UInt32 => uint.MaxValue,
            _ => null,
        };
        return operands =>
        {
            if (mask is null)
                return [To(operands[0], type)];
            return [To(operands[0], ScalarType.Int64).bitwise_and(tensor(mask.Value, ScalarType.Int64, operands[0].device)).to(type)];
        };
    }

    private static OperatorFunction CastLike(OnnxNode _) => operands => [To(operands[0], operands[1].dtype)];

    private static Tensor To(Tensor tensor, ScalarType type) => tensor.dtype == type ? tensor.Again() : tensor.to(type);

    // Sizes of 1 stretch on both sides, so the result may be larger than the shape that is asked for.
    private static OperatorFunction Expand(OnnxNode node) => operands =>
    {
        long[] shape = Broadcasting.Shape(node, operands[0].shape, operands.Longs(1));
        Budget.Require(node, operands[0].dtype, shape);
        return [operands[0].expand(shape)];
    };

    private static OperatorFunction Flatten(OnnxNode node)
    {
        long axis = node.Int("axis", 1);
        return operands =>
        {
            long[] shape = operands[0].shape;
            // One more place than there are axes: behind the last one.
            int split = axis == shape.Length ? shape.Length : OperandValues.Axis(node, axis, shape.Length);
            return [operands[0].reshape(new TensorShape(shape.AsSpan(..split)).Count, new TensorShape(shape.AsSpan(split..)).Count)];
        };
    }

    private static OperatorFunction Identity(OnnxNode _) => operands => [operands[0].Again()];

    // The shape was an attribute before version 5. In it, 0 stands for the size of the same axis of the input.
    private static OperatorFunction Reshape(OnnxNode node)
    {
        long[]? attribute = node.Ints("shape");
        bool zeroMeansSame = !node.Flag("allowzero", false);
        return operands =>
        {
            long[] have = operands[0].shape;
            long[] shape = [.. attribute ?? operands.Longs(1)];
            for (int i = 0; i < shape.Length && zeroMeansSame; i++)
            {
                if (shape[i] != 0)
                    continue;
                if (i >= have.Length)
                    throw node.Error($"takes size {i} of {new TensorShape(have)}, which has no such axis");
                shape[i] = have[i];
            }

            return [operands[0].reshape(shape)];
        };
    }

    // Since version 15 only a part of the shape may be asked for; bounds beyond the ends mean the ends.
    private static OperatorFunction Shape(OnnxNode node)
    {
        long start = node.Int("start", 0), end = node.Int("end", long.MaxValue);
        return operands =>
        {
            long[] shape = operands[0].shape;
            int from = Bound(start, shape.Length), to = Bound(end, shape.Length);
            return [tensor(shape[from..Math.Max(from, to)], ScalarType.Int64, operands[0].device)];
        };

        static int Bound(long at, int rank) => (int)Math.Clamp(at < 0 ? at + rank : at, 0, rank);
    }

    private static OperatorFunction Size(OnnxNode _) => operands => [tensor(operands[0].numel(), ScalarType.Int64, operands[0].device)];

    // The axes were an attribute before version 13.
    private static OperatorFunction Squeeze(OnnxNode node)
    {
        long[]? attribute = node.Ints("axes");
        return operands =>
        {
            long[] shape = operands[0].shape;
            long[]? given = attribute ?? operands.Optional(1)?.ToLongs();
            int[] axes = given is null or [] ? [.. Enumerable.Range(0, shape.Length).Where(i => shape[i] == 1)]
                : OperandValues.Axis(node, given, shape.Length);
            if (axes.FirstOrDefault(axis => shape[axis] != 1, -1) is var wrong and >= 0)
                throw node.Error($"is to remove axis {wrong} of {new TensorShape(shape)}, expected its size to be 1");
            return [operands[0].reshape([.. shape.Where((_, axis) => !axes.Contains(axis))])];
        };
    }

    private static OperatorFunction Tile(OnnxNode node) => operands =>
    {
        long[] repeats = operands.Longs(1), shape = operands[0].shape;
        if (repeats.Length != shape.Length)
            throw node.Error($"has {repeats.Length} repeats for {new TensorShape(shape)}, expected one for each axis");
        Budget.Require(node, ScalarType.Byte, repeats);
        Budget.Require(node, operands[0].dtype, [.. shape.Zip(repeats, Times)]);
        return [operands[0].repeat(repeats)];
    };

    private static OperatorFunction Transpose(OnnxNode node)
    {
        long[]? order = node.Ints("perm");
        return operands =>
        {
            int rank = (int)operands[0].Dimensions;
            return [operands[0].permute(order ?? [.. Enumerable.Range(1, rank).Select(i => (long)(rank - i))])];
        };
    }

    // Axes count in the result, which has all of them.
    private static OperatorFunction Unsqueeze(OnnxNode node)
    {
        long[]? attribute = node.Ints("axes");
        return operands =>
        {
            long[] given = attribute ?? operands.Longs(1), shape = operands[0].shape;
            int[] axes = OperandValues.Axis(node, given, shape.Length + given.Length);
            var sizes = new Queue<long>(shape);
            return [operands[0].reshape([.. Enumerable.Range(0, shape.Length + axes.Length)
                .Select(i => axes.Contains(i) ? 1 : sizes.Dequeue())])];
        };
    }

    // A product beyond 63 bits is as good as the largest number: it is refused either way.
    private static long Times(long size, long repeats) =>
        size == 0 || repeats <= long.MaxValue / Math.Max(size, 1) ? size * repeats : long.MaxValue;
}
