using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Operators;

/// <summary>Convolutions over one to three spatial axes.</summary>
internal static class ConvolutionOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Conv", 1, Conv) { Weights = [1, 2] },
    ];

    // https://onnx.ai/onnx/operators/onnx__Conv.html
    private static Kernel Conv(OnnxNode node)
    {
        long groups = node.Int("group", 1);
        long[]? strides = node.Ints("strides"), dilations = node.Ints("dilations"), pads = node.Ints("pads");
        return operands =>
        {
            long[] begin = pads is null ? [0, 0] : pads[..(pads.Length / 2)];
            return [nn.functional.conv2d(operands[0], operands[1], operands.Optional(2), strides ?? [1, 1], begin, dilations ?? [1, 1], groups)];
        };
    }
}
