using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// Convolutions and products of quantised tensors. Torch has none for integers; in double precision every sum of fewer
/// than 2³⁷ products of bytes is exact.
/// </summary>
internal static class IntegerOperators
{
    public static Operator[] Rows { get; } =
    [
        new("ConvInteger", 10, ConvInteger),
        new("MatMulInteger", 10, MatMulInteger),
        new("QLinearConv", 10, QLinearConv),
        new("QLinearMatMul", 10, QLinearMatMul),
    ];

    private static OperatorFunction ConvInteger(OnnxNode node)
    {
        OperatorFunction conv = ConvolutionOperators.Conv(node);
        return operands =>
        {
            Tensor input = Quantizer.Centered(operands[0], operands.Optional(2), ScalarType.Float64);
            Tensor weight = Quantizer.Centered(operands[1], PerOutput(operands.Optional(3), operands[1]), ScalarType.Float64);
            return [conv(operands.With(input, weight))[0].to(ScalarType.Int32)];
        };
    }

    // Operands: input, scale, zero point; weight, scale, zero point; output scale, zero point; bias.
    private static OperatorFunction QLinearConv(OnnxNode node)
    {
        OperatorFunction conv = ConvolutionOperators.Conv(node);
        return operands =>
        {
            Tensor input = Quantizer.Centered(operands[0], operands[2], ScalarType.Float64);
            Tensor weight = Quantizer.Centered(operands[3], PerOutput(operands[5], operands[3]), ScalarType.Float64);
            Tensor sum = conv(operands.With(input, weight, operands.Optional(8)?.to(ScalarType.Float64)))[0];
            Tensor scale = operands[1] * operands[4] / operands[6];
            if (scale.numel() > 1)
                scale = scale.reshape([-1, .. Enumerable.Repeat(1L, (int)sum.Dimensions - 2)]);
            return [Quantizer.Quantize(operands, sum.to(ScalarType.Float32) * scale, operands[7], operands[7].dtype)];
        };
    }

    private static OperatorFunction MatMulInteger(OnnxNode node)
    {
        OperatorFunction product = MatrixOperators.MatMul(node);
        return operands =>
        {
            Tensor left = Quantizer.Centered(operands[0], PerRow(operands.Optional(2)), ScalarType.Float64);
            Tensor right = Quantizer.Centered(operands[1], operands.Optional(3), ScalarType.Float64);
            return [product(operands.With(left, right))[0].to(ScalarType.Int32)];
        };
    }

    // Operands: left, scale, zero point; right, scale, zero point; output scale, zero point.
    private static OperatorFunction QLinearMatMul(OnnxNode node)
    {
        OperatorFunction product = MatrixOperators.MatMul(node);
        return operands =>
        {
            Tensor left = Quantizer.Centered(operands[0], PerRow(operands[2]), ScalarType.Float64);
            Tensor right = Quantizer.Centered(operands[3], operands[5], ScalarType.Float64);
            Tensor scale = PerRow(operands[1].to(ScalarType.Float32))!
                * operands[4].to(ScalarType.Float32) / operands[6].to(ScalarType.Float32);
            Tensor sum = product(operands.With(left, right))[0].to(ScalarType.Float32);
            return [Quantizer.Quantize(operands, sum * scale, operands[7], operands[7].dtype)];
        };
    }

    // One zero point for each output channel, the first axis of a weight.
    private static Tensor? PerOutput(Tensor? zeroPoint, Tensor weight) => zeroPoint is null || zeroPoint.numel() == 1
        ? zeroPoint?.reshape([])
        : zeroPoint.reshape([-1, .. Enumerable.Repeat(1L, (int)weight.Dimensions - 1)]);

    // One number for each row of the left matrix stands in a column.
    private static Tensor? PerRow(Tensor? parameter) =>
        parameter is { Dimensions: 1 } && parameter.numel() > 1 ? parameter.unsqueeze(1) : parameter;
}
