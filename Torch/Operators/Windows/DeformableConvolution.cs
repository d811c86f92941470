using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// DeformConv: a convolution each cell of whose window looks at a place of its own. The cells' values are sampled from the
/// image between its pixels, with zeros around it, and then multiplied with the weights as one matrix.
/// https://onnx.ai/onnx/operators/onnx__DeformConv.html
/// </summary>
internal static class DeformableConvolution
{
    public static OperatorFunction Prepare(OnnxNode node)
    {
        var window = new Window(node);
        long groups = node.Within("group", 1, 1), offsetGroups = node.Within("offset_group", 1, 1);
        return operands =>
        {
            operands.RequireRank(0, 4, 4);
            operands.RequireRank(1, 4, 4);
            Tensor input = operands[0], weight = operands[1];
            long batch = input.shape[0], channels = input.shape[1], maps = weight.shape[0];
            long[] kernel = weight.shape[2..];
            if (kernel.Contains(0) || (window.Kernel is { } declared && !declared.AsSpan().SequenceEqual(kernel)))
                throw operands.Fault(
                    $"the weights have a window of {new TensorShape(kernel)}, expected that of 'kernel_shape' and no empty one");
            if (channels % groups != 0 || maps % groups != 0 || weight.shape[1] * groups != channels
                || channels % offsetGroups != 0 || channels == 0)
                throw operands.Fault(
                    $"the input has {channels} channels and the weights are {new TensorShape(weight.shape)}, which does not fit "
                    + $"{groups} groups and {offsetGroups} groups of offsets");
            Padding padding = window.PaddingOf(input, kernel);
            long[] sizes = window.OutputSizes(input, kernel, padding);
            long cells = kernel[0] * kernel[1];
            operands.RequireShape(2, batch, 2 * offsetGroups * cells, sizes[0], sizes[1]);
            operands.RequireShape(4, batch, offsetGroups * cells, sizes[0], sizes[1]);
            operands.RequireShape(3, maps);
            Budget.Require(node, input.dtype, batch, channels, cells, sizes[0], sizes[1]);

            Tensor places = Places(operands, window, kernel, padding, sizes, offsetGroups);
            Tensor samples = nn.functional.grid_sample(
                input.reshape(batch * offsetGroups, channels / offsetGroups, input.shape[2], input.shape[3]), places, align_corners: false);
            samples = samples.reshape(batch * offsetGroups, channels / offsetGroups, cells, sizes[0] * sizes[1]);
            if (operands.Optional(4) is { } mask)
                samples = samples * mask.reshape(batch * offsetGroups, 1, cells, sizes[0] * sizes[1]);

            Tensor columns = samples.reshape(batch, groups, channels / groups * cells, sizes[0] * sizes[1]);
            Tensor matrix = weight.reshape(groups, maps / groups, channels / groups * cells);
            Tensor result = einsum("gok,ngkp->ngop", matrix, columns).reshape(batch, maps, sizes[0], sizes[1]);
            return [operands.Optional(3) is { } bias ? result + bias.reshape(1, -1, 1, 1) : result];
        };
    }

    // [batch·offset groups, cells·height, width, 2] as (x, y) from −1 to 1, where an image begins and ends.
    private static Tensor Places(Operands operands, Window window, long[] kernel, Padding padding, long[] sizes, long offsetGroups)
    {
        Tensor input = operands[0];
        long cells = kernel[0] * kernel[1];
        Tensor offsets = operands[2].reshape(input.shape[0] * offsetGroups, cells, 2, sizes[0], sizes[1]);
        Tensor At(int axis)
        {
            long stride = window.Strides(2)[axis], dilation = window.Dilations(2)[axis];
            Tensor starts = arange(sizes[axis], input.dtype, input.device) * stride - padding.Begin[axis],
                inside = arange(kernel[axis], input.dtype, input.device) * dilation;
            Tensor regular = axis == 0
                ? inside.reshape(-1, 1, 1, 1) + starts.reshape(1, 1, -1, 1)
                : inside.reshape(1, -1, 1, 1) + starts.reshape(1, 1, 1, -1);
            Tensor place = regular.expand(kernel[0], kernel[1], sizes[0], sizes[1]).reshape(1, cells, sizes[0], sizes[1])
                + offsets.select(2, axis);
            return ((2 * place) + 1) / input.shape[axis + 2] - 1;
        }

        return stack([At(1), At(0)], -1).reshape(input.shape[0] * offsetGroups, cells * sizes[0], sizes[1], 2);
    }
}
