using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Operators that old exporters wrote (CoreML and Caffe2 converters mostly) and the standard has dropped.</summary>
internal static class LegacyOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Affine", 1, Affine),
        new("Crop", 1, Crop),
        new("DynamicSlice", 1, IndexingOperators.Slice),
        new("ImageScaler", 1, ImageScaler),
        new("ParametricSoftplus", 1, ParametricSoftplus),
        new("ScaledTanh", 1, ScaledTanh),
    ];

    private static OperatorFunction Affine(OnnxNode node)
    {
        float alpha = node.Float("alpha", 1), beta = node.Float("beta", 0);
        return operands => [operands[0] * alpha + beta];
    }

    // border: left, top, right, bottom. With scale (height, width), only the upper left corner counts.
    private static OperatorFunction Crop(OnnxNode node)
    {
        long[] border = node.Ints("border") ?? [];
        long[]? size = node.Ints("scale");
        if (border.Length != 4 || size is not (null or { Length: 2 }))
            throw node.Error($"has border {new TensorShape(border)}, expected left, top, right and bottom");
        return operands =>
        {
            operands.RequireRank(0, 4, 4);
            long[] shape = operands[0].shape;
            long height = size?[0] ?? shape[2] - border[1] - border[3], width = size?[1] ?? shape[3] - border[0] - border[2];
            if (border[0] < 0 || border[1] < 0 || height < 1 || width < 1 || border[1] + height > shape[2] || border[0] + width > shape[3])
                throw operands.Fault($"crops {new TensorShape(shape)} to {height}×{width} from row {border[1]}, column {border[0]}");
            return [operands[0].narrow(2, border[1], height).narrow(3, border[0], width)];
        };
    }

    // One scale for all, one bias for each channel.
    private static OperatorFunction ImageScaler(OnnxNode node)
    {
        float scale = node.Float("scale", 1);
        float[] bias = node.Floats("bias") ?? [];
        return operands =>
        {
            operands.RequireRank(0, 4, 4);
            if (bias.Length != operands[0].shape[1])
                throw operands.Fault($"has {bias.Length} biases for {operands[0].shape[1]} channels");
            return [operands[0] * scale + tensor(bias, operands[0].dtype, operands[0].device).reshape(-1, 1, 1)];
        };
    }

    private static OperatorFunction ParametricSoftplus(OnnxNode node)
    {
        float alpha = node.Float("alpha", 1), beta = node.Float("beta", 1);
        return operands => [alpha * nn.functional.softplus(operands[0] * beta)];
    }

    private static OperatorFunction ScaledTanh(OnnxNode node)
    {
        float alpha = node.Float("alpha", 1), beta = node.Float("beta", 1);
        return operands => [alpha * (operands[0] * beta).tanh()];
    }
}
