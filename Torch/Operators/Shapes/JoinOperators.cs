using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Putting tensors together and taking them apart.</summary>
internal static class JoinOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Concat", 1, Concat),
        new("Split", 2, Split),
    ];

    private static OperatorFunction Concat(OnnxNode node)
    {
        long axis = node.Int("axis", 1);
        return operands =>
        {
            Tensor[] parts = [.. Enumerable.Range(0, node.Inputs.Length).Select(i => operands[i])];
            int along = OperandValues.Axis(node, axis, (int)parts[0].Dimensions);
            long[] shape = parts[0].shape;
            foreach (Tensor part in parts.Skip(1))
            {
                if (part.Dimensions != shape.Length)
                    throw node.Error($"joins tensors of rank {shape.Length} and {part.Dimensions}, expected equal ranks");
                shape[along] += part.shape[along];
            }

            Budget.Require(node, parts[0].dtype, shape);
            return [cat(parts, along)];
        };
    }

    // Sizes of the parts: an attribute before version 13, an input since; left out, the parts are equal. Since version 18 the
    // last part may be smaller when num_outputs does not divide the axis.
    private static OperatorFunction Split(OnnxNode node)
    {
        long axis = node.Int("axis", 0);
        long count = node.Outputs.Length;
        long[]? attribute = node.Ints("split");
        return operands =>
        {
            int along = OperandValues.Axis(node, axis, (int)operands[0].Dimensions);
            long size = operands[0].shape[along];
            long[] sizes = attribute ?? operands.Optional(1)?.ToLongs() ?? Equal(size, count);
            if (sizes.Length != count || sizes.Any(part => part < 0 || part > size) || sizes.Sum() != size)
                throw node.Error($"splits size {size} into {new TensorShape(sizes)}, expected {count} parts that add up to it");
            return operands[0].split(sizes, along);
        };

        long[] Equal(long size, long count)
        {
            if (size % count != 0 && node.Opset < 18)
                throw node.Error($"splits size {size} into {count} equal parts, which does not go");
            long part = (size + count - 1) / count;
            return [.. Enumerable.Range(0, (int)count).Select(i => Math.Clamp(size - i * part, 0, part))];
        }
    }
}
