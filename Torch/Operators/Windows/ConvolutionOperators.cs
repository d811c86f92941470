using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Convolutions over one to three spatial axes.</summary>
internal static class ConvolutionOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Conv", 1, Conv),
        new("ConvTranspose", 1, ConvTranspose),
        new("DeformConv", 19, DeformableConvolution.Prepare),
    ];

    // https://onnx.ai/onnx/operators/onnx__Conv.html
    public static OperatorFunction Conv(OnnxNode node)
    {
        var window = new Window(node);
        long groups = node.Within("group", 1, 1);
        return operands =>
        {
            Tensor input = operands[0], weight = operands[1];
            int axes = window.SpatialAxes(input);
            long[] kernel = KernelOf(operands, window, axes);
            Padding padding = window.PaddingOf(input, kernel);
            Budget.Require(node, input.dtype, [input.size(0), weight.size(0), .. window.OutputSizes(input, kernel, padding)]);
            if (padding.IsSymmetric)
                return [Convolve(input, padding.Begin)];
            return [Convolve(Pad(node, input, padding), null)];

            Tensor Convolve(Tensor x, long[]? pads)
            {
                Tensor? bias = operands.Optional(2);
                long[] strides = window.Strides(axes), dilations = window.Dilations(axes);
                return axes switch
                {
                    1 => nn.functional.conv1d(x, weight, bias, strides[0], pads?[0], dilations[0], groups),
                    2 => nn.functional.conv2d(x, weight, bias, strides, pads, dilations, groups),
                    _ => nn.functional.conv3d(x, weight, bias, strides, pads, dilations, groups),
                };
            }
        };
    }

    // https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
    private static OperatorFunction ConvTranspose(OnnxNode node)
    {
        var window = new Window(node);
        long groups = node.Within("group", 1, 1);
        long[]? outputPadding = node.AllWithin("output_padding", 0), outputShape = node.AllWithin("output_shape", 1);
        return operands =>
        {
            Tensor input = operands[0], weight = operands[1];
            int axes = window.SpatialAxes(input);
            long[] kernel = KernelOf(operands, window, axes), strides = window.Strides(axes), dilations = window.Dilations(axes);
            var placement = TransposedPlacement.Of(operands, window, kernel, outputPadding, outputShape);
            Budget.Require(node, input.dtype, [input.size(0), weight.size(1) * groups, .. placement.Sizes]);
            if (placement.IsNative(strides, dilations))
                return [Transposed(operands.Optional(2), placement.Begin, placement.Extra)];

            // What torch cannot place is cut out of the whole, or set into zeros; the bias comes after, since it is everywhere.
            Tensor placed = nn.functional.pad(Transposed(null, null, null), placement.Crop().LastAxisFirst());
            return [operands.Optional(2) is { } bias ? placed + bias.reshape([-1, .. Enumerable.Repeat(1L, axes)]) : placed];

            Tensor Transposed(Tensor? bias, long[]? pads, long[]? extra) => axes switch
            {
                1 => nn.functional.conv_transpose1d(input, weight, bias, strides[0], pads?[0], extra?[0], dilations[0], groups),
                2 => nn.functional.conv_transpose2d(input, weight, bias, strides, pads, extra, dilations, groups),
                _ => nn.functional.conv_transpose3d(input, weight, bias, strides, pads, extra, dilations, groups),
            };
        };
    }

    /// <summary>The spatial sizes of the weights, which the attribute may repeat and must not contradict.</summary>
    private static long[] KernelOf(Operands operands, Window window, int axes)
    {
        Tensor weight = operands[1];
        if (weight.dim() != axes + 2)
            throw operands.Fault($"the weights have {weight.dim()} axes, expected {axes + 2} as the input has");
        long[] kernel = new long[axes];
        for (int i = 0; i < axes; i++)
            kernel[i] = weight.size(i + 2);
        if (window.Kernel is { } declared && !declared.AsSpan().SequenceEqual(kernel))
            throw operands.Fault(
                $"attribute 'kernel_shape' is {new TensorShape(declared)}, but the weights have {new TensorShape(kernel)}");
        if (kernel.Contains(0))
            throw operands.Fault("the weights have a window without cells");
        return kernel;
    }

    private static Tensor Pad(OnnxNode node, Tensor input, Padding padding)
    {
        long[] shape = input.shape;
        for (int i = 2; i < shape.Length; i++)
            shape[i] += padding.Begin[i - 2] + padding.End[i - 2];
        Budget.Require(node, input.dtype, shape);
        return nn.functional.pad(input, padding.LastAxisFirst());
    }
}
