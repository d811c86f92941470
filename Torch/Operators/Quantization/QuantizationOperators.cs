using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Operators that make quantised tensors and turn them back.</summary>
internal static class QuantizationOperators
{
    public static Operator[] Rows { get; } =
    [
        new("DequantizeLinear", 10, DequantizeLinear) { AlsoReads = Unquantized },
        new("DequantizeLinear", 1, DequantizeLinear) { Domain = "com.microsoft", AlsoReads = Unquantized },
        new("DynamicQuantizeLinear", 11, DynamicQuantizeLinear),
        new("QuantizeLinear", 10, QuantizeLinear),
        new("QuantizeLinear", 1, QuantizeLinear) { Domain = "com.microsoft" },
    ];

    private static OperatorFunction QuantizeLinear(OnnxNode node)
    {
        long axis = node.Int("axis", 1), block = Block(node);
        ScalarType missing = node.Int("output_dtype", 0) == 0 ? ScalarType.Byte : node.Type("output_dtype");
        return operands =>
        {
            // In single precision, whatever the type of the input.
            Tensor data = operands[0].detach().to(ScalarType.Float32);
            Tensor scale = Quantizer.Spread(operands, operands[1].detach().to(ScalarType.Float32), data, axis, block);
            Tensor? zeroPoint = operands.Optional(2) is { } given ? Quantizer.Spread(operands, given, data, axis, block) : null;
            return [Quantizer.Quantize(operands, data / scale, zeroPoint, zeroPoint?.dtype ?? missing)];
        };
    }

    // Integers carry no gradient. Where a QuantizeLinear stands before, the gradient goes straight through to its input, as
    // far as the value was not saturated (Bengio et al. 2013, https://arxiv.org/abs/1308.3432).
    private static OperatorFunction DequantizeLinear(OnnxNode node)
    {
        long axis = node.Int("axis", 1), block = Block(node);
        ScalarType? type = node.Int("output_dtype", 0) == 0 ? null : node.Type("output_dtype");
        return operands =>
        {
            Tensor data = operands[0];
            Tensor scale = Quantizer.Spread(operands, operands[1].to(ScalarType.Float32), data, axis, block);
            Tensor? zeroPoint = operands.Optional(2) is { } given ? Quantizer.Spread(operands, given, data, axis, block) : null;
            Tensor value = Quantizer.Centered(data, zeroPoint, ScalarType.Float32) * scale;
            if (operands.Also(0) is { requires_grad: true } source && is_grad_enabled())
            {
                (int least, int most) = Quantizer.RangeOf(data.dtype, operands);
                Tensor zero = (zeroPoint ?? zeros(1)).to(ScalarType.Float32);
                Tensor inside = source.to(ScalarType.Float32).clamp((least - zero) * scale, (most - zero) * scale);
                value += inside - inside.detach();
            }

            return [value.to(type ?? operands[1].dtype)];
        };
    }

    // Range of the input, widened to include 0, in 255 steps.
    private static OperatorFunction DynamicQuantizeLinear(OnnxNode _) => operands =>
    {
        Tensor data = operands[0].detach();
        if (data.numel() == 0)
            throw operands.Fault("has an empty input, which has no range");
        Tensor least = data.min().clamp_max(0), most = data.max().clamp_min(0);
        Tensor scale = (most - least) / 255;
        scale = where(scale == 0, ones_like(scale), scale);
        Tensor zeroPoint = (-least / scale).round().clamp(0, 255);
        return [Quantizer.Quantize(operands, data / scale, zeroPoint, ScalarType.Byte), scale, zeroPoint.to(ScalarType.Byte)];
    };

    private static IEnumerable<string> Unquantized(OnnxNode node, OnnxGraph graph) =>
        graph.Producer(node.Inputs[0]) is { OpType: "QuantizeLinear" } quantize ? [quantize.Inputs[0]] : [];

    private static long Block(OnnxNode node) => node.Within("block_size", 0, 0);
}
