using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CnnOnnx.Torch.Operators;

/// <summary>Softmax, LogSoftmax and Hardmax.</summary>
internal static class SoftmaxOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Softmax", 1, node => OverRest(node, Softmax)),
        new("Softmax", 13, node => OverAxis(node, Softmax)),
        new("LogSoftmax", 1, node => OverRest(node, functional.log_softmax)),
        new("LogSoftmax", 13, node => OverAxis(node, functional.log_softmax)),
        new("Hardmax", 1, node => OverRest(node, Hardmax)),
        new("Hardmax", 13, node => OverAxis(node, Hardmax)),
    ];

    private static Tensor Softmax(Tensor input, long axis) => functional.softmax(input, axis);

    // Until version 13 all axes from the given one on are one: the tensor is flattened to two axes and back.
    private static OperatorFunction OverRest(OnnxNode node, Func<Tensor, long, Tensor> function)
    {
        long axis = node.Int("axis", 1);
        return operands =>
        {
            Tensor input = operands[0];
            long first = axis == input.dim() ? axis : Axes.Normalize(node, axis, input.dim());
            if (first == input.dim() - 1)
                return [function(input, first)];
            long[] shape = input.shape;
            long rows = new TensorShape(shape[..(int)first]).Count, columns = new TensorShape(shape[(int)first..]).Count;
            return [function(input.reshape(rows, columns), 1).reshape(shape)];
        };
    }

    private static OperatorFunction OverAxis(OnnxNode node, Func<Tensor, long, Tensor> function)
    {
        long axis = node.Int("axis", -1);
        return operands => [function(operands[0], Axes.Normalize(node, axis, operands[0].dim()))];
    }

    // 1 for the first of the largest elements.
    private static Tensor Hardmax(Tensor input, long axis)
    {
        if (input.numel() == 0)
            return input.clone();
        Tensor largest = input.argmax(axis, keepdim: true);
        return zeros_like(input).scatter(axis, largest, ones_like(largest, input.dtype));
    }
}
