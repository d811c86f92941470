using CnnOnnx.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CnnOnnx.Torch.Operators;

/// <summary>Functions of one element at a time that networks put between their layers.</summary>
internal static class ActivationOperators
{
    // A float attribute's default is the float nearest to the number in the document.
    private const float SeluAlpha = 1.67326319217681884765625f, SeluGamma = 1.05070102214813232421875f;

    public static Operator[] Rows { get; } =
    [
        new("Relu", 1, Relu),
        new("LeakyRelu", 1, LeakyRelu),
        new("PRelu", 1, PRelu1),
        new("PRelu", 7, PRelu7),
        new("ThresholdedRelu", 1, ThresholdedRelu),
        new("Elu", 1, Elu),
        new("Selu", 1, Selu),
        new("Celu", 12, Celu),
        new("Sigmoid", 1, Sigmoid),
        new("HardSigmoid", 1, HardSigmoid),
        new("HardSwish", 14, HardSwish),
        new("Tanh", 1, Tanh),
        new("Softplus", 1, Softplus),
        new("Softsign", 1, Softsign),
        new("Gelu", 20, Gelu),
        new("Mish", 18, Mish),
        new("Swish", 24, Swish),
        new("Shrink", 9, Shrink),
        new("Clip", 1, Clip1),
        new("Clip", 11, Clip11),
        new("Erf", 9, Erf),
    ];

    private static OperatorFunction Relu(OnnxNode node) => operands => [functional.relu(operands[0])];

    private static OperatorFunction LeakyRelu(OnnxNode node)
    {
        double alpha = node.Float("alpha", 0.01f);
        return operands => [functional.leaky_relu(operands[0], alpha)];
    }

    // Until version 7 a slope of one axis belonged to the channels, not to the last axis as broadcasting has it.
    private static OperatorFunction PRelu1(OnnxNode node) => operands =>
    {
        Tensor input = operands[0], slope = operands[1];
        bool isPerChannel = slope.dim() == 1 && slope.numel() > 1 && input.dim() > 1;
        return [isPerChannel ? functional.prelu(input, slope) : PRelu(input, slope)];
    };

    private static OperatorFunction PRelu7(OnnxNode node) => operands =>
    {
        operands.RequireSameType(0, 1);
        if (operands[1].dim() > operands[0].dim())
            throw operands.Fault($"the slope has {operands[1].dim()} axes, the input only {operands[0].dim()}");
        return [PRelu(operands[0], operands[1])];
    };

    private static Tensor PRelu(Tensor input, Tensor slope)
    {
        // What torch has: one slope for all, or one for each channel, on axis 1.
        if (input.is_floating_point() && (slope.numel() == 1 || IsPerChannel(input, slope)))
            return functional.prelu(input, slope.reshape(-1));
        return where(input.lt(0), input * slope, input);
    }

    private static bool IsPerChannel(Tensor input, Tensor slope)
    {
        long axis = slope.dim() - input.dim() + 1;
        return input.dim() > 1 && axis >= 0 && slope.size((int)axis) == input.size(1) && slope.numel() == input.size(1);
    }

    private static OperatorFunction ThresholdedRelu(OnnxNode node)
    {
        double alpha = node.Float("alpha", 1);
        return operands => [functional.threshold(operands[0], alpha, 0)];
    }

    private static OperatorFunction Elu(OnnxNode node)
    {
        double alpha = node.Float("alpha", 1);
        return operands => [functional.elu(operands[0], alpha)];
    }

    private static OperatorFunction Selu(OnnxNode node)
    {
        // γ(αeˣ − α) below 0, γx above. Other defaults held until version 6; exporters write both numbers.
        float alpha = node.Float("alpha", node.Opset < 6 ? 1.6732f : SeluAlpha);
        float gamma = node.Float("gamma", node.Opset < 6 ? 1.0507f : SeluGamma);
        if (alpha == SeluAlpha && gamma == SeluGamma)
            return operands => [functional.selu(operands[0])];
        return operands => [functional.elu(operands[0], alpha) * gamma];
    }

    private static OperatorFunction Celu(OnnxNode node)
    {
        double alpha = node.Float("alpha", 1);
        if (alpha == 0)
            throw node.Error("attribute 'alpha' is 0, expected another number: Celu divides by it");
        return operands => [functional.celu(operands[0], alpha)];
    }

    private static OperatorFunction Sigmoid(OnnxNode node) => operands => [functional.sigmoid(operands[0])];

    private static OperatorFunction HardSigmoid(OnnxNode node)
    {
        float alpha = node.Float("alpha", 0.2f), beta = node.Float("beta", 0.5f);
        if (alpha == 1 / 6f && beta == 0.5f)
            return operands => [functional.hardsigmoid(operands[0])];
        return operands => [(operands[0] * alpha + beta).clamp(0.0, 1.0)];
    }

    private static OperatorFunction HardSwish(OnnxNode node) => operands => [functional.hardswish(operands[0])];

    private static OperatorFunction Tanh(OnnxNode node) => operands => [operands[0].tanh()];

    private static OperatorFunction Softplus(OnnxNode node) => operands => [functional.softplus(operands[0], beta: 1, threshold: 40)];

    private static OperatorFunction Softsign(OnnxNode node) => operands => [operands[0] / (operands[0].abs() + 1)];

    private static OperatorFunction Gelu(OnnxNode node)
    {
        var formula = Enum.Parse<GELU.Approximate>(node.OneOf("approximate", "none", "tanh"));
        return operands => [functional.gelu(operands[0], formula)];
    }

    private static OperatorFunction Mish(OnnxNode node) => operands => [functional.mish(operands[0])];

    private static OperatorFunction Swish(OnnxNode node)
    {
        float alpha = node.Float("alpha", 1);
        if (alpha == 1)
            return operands => [functional.silu(operands[0])];
        return operands => [operands[0] * (operands[0] * alpha).sigmoid()];
    }

    private static OperatorFunction Shrink(OnnxNode node)
    {
        float bias = node.Float("bias", 0), lambda = node.Float("lambd", 0.5f);
        return operands =>
        {
            Tensor input = operands[0], below = input.lt(-lambda), above = input.gt(lambda);
            Tensor shrunk = where(below, input + bias, where(above, input - bias, zeros_like(input)));
            return [shrunk.to(input.dtype)];
        };
    }

    private static OperatorFunction Clip1(OnnxNode node)
    {
        Scalar? min = node.HasAttribute("min") ? node.Float("min", 0) : null, max = node.HasAttribute("max") ? node.Float("max", 0) : null;
        return operands => [Clip(operands[0], min, max)];
    }

    // https://onnx.ai/onnx/operators/onnx__Clip.html
    private static OperatorFunction Clip11(OnnxNode node) => operands =>
    {
        Tensor? min = Bound(operands, 1), max = Bound(operands, 2);
        // Reading a number from another device would wait for it.
        if (operands[0].device_type != DeviceType.CPU && (min ?? max) is not null)
            return [operands[0].clamp(min, max)];
        return [Clip(operands[0], min?.ToScalar(), max?.ToScalar())];
    };

    private static Tensor Clip(Tensor input, Scalar? min, Scalar? max)
    {
        if (min is null && max is null)
            return input.alias();
        // The same numbers, with a backward pass of one step instead of four.
        if (input.is_floating_point() && min?.ToDouble() == 0 && max?.ToDouble() == 6)
            return functional.relu6(input);
        return input.clamp(min, max);
    }

    private static Tensor? Bound(Operands operands, int index)
    {
        operands.RequireSameType(0, index);
        Tensor? bound = operands.Optional(index);
        if (bound is not null && bound.numel() != 1)
            throw operands.Fault($"input {index} has {bound.numel()} elements, expected one number");
        return bound;
    }

    private static OperatorFunction Erf(OnnxNode node) => operands => [operands[0].erf().to(operands[0].dtype)];
}
