using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CnnOnnx.Torch.Operators;

/// <summary>Normalisations over batch, instance, layer, group and neighbouring channels.</summary>
internal static class NormalizationOperators
{
    public static Operator[] Rows { get; } =
    [
        new("BatchNormalization", 1, BatchNormalization.Prepare1),
        new("BatchNormalization", 14, BatchNormalization.Prepare14),
        new("InstanceNormalization", 1, InstanceNormalization),
        new("LayerNormalization", 17, LayerNormalization),
        new("GroupNormalization", 18, GroupNormalization18),
        new("GroupNormalization", 21, GroupNormalization21),
        new("RMSNormalization", 23, RmsNormalization),
        new("LRN", 1, Lrn),
        new("LpNormalization", 1, LpNormalization),
        new("MeanVarianceNormalization", 9, MeanVarianceNormalization),
    ];

    private static OperatorFunction InstanceNormalization(OnnxNode node)
    {
        double epsilon = node.Float("epsilon", 1e-5f);
        return operands =>
        {
            operands.RequireRank(0, 3);
            RequirePerChannel(operands, 1, operands[0].size(1));
            RequirePerChannel(operands, 2, operands[0].size(1));
            return [functional.instance_norm(operands[0], weight: operands[1], bias: operands[2], eps: epsilon)];
        };
    }

    // https://onnx.ai/onnx/operators/onnx__LayerNormalization.html
    private static OperatorFunction LayerNormalization(OnnxNode node)
    {
        long axis = node.Int("axis", -1);
        double epsilon = node.Float("epsilon", 1e-5f);
        bool inFloat = node.Flag("stash_type", true), wantsStatistics = node.Wants(1) || node.Wants(2);
        return operands =>
        {
            Tensor input = operands[0], scale = operands[1];
            Tensor? bias = operands.Optional(2);
            long[] shape = input.shape[(int)Axes.Normalize(node, axis, input.dim())..];
            if (!wantsStatistics && HasShape(scale, shape) && (bias is null || HasShape(bias, shape)))
                return [functional.layer_norm(input, shape, scale, bias, epsilon)];

            long[] over = Axes.All(input.dim())[^shape.Length..];
            Tensor wide = Stash(input, inFloat);
            (Tensor variance, Tensor mean) = wide.var_mean(over, unbiased: false, keepdim: true);
            Tensor inverse = (variance + epsilon).rsqrt();
            Tensor normal = ((wide - mean) * inverse).to(input.dtype) * scale;
            return [bias is null ? normal : normal + bias, mean, inverse];
        };
    }

    // Scale and bias belonged to the groups.
    private static OperatorFunction GroupNormalization18(OnnxNode node) => GroupNormalization(node, operands =>
    {
        long repeats = operands[0].size(1) / operands[1].numel();
        return (operands[1].repeat_interleave(repeats), operands[2].repeat_interleave(repeats));
    });

    private static OperatorFunction GroupNormalization21(OnnxNode node) => GroupNormalization(node, operands => (operands[1], operands[2]));

    private static OperatorFunction GroupNormalization(OnnxNode node, Func<Operands, (Tensor Scale, Tensor Bias)> perChannel)
    {
        long groups = node.Within("num_groups", 0, 1);
        double epsilon = node.Float("epsilon", 1e-5f);
        bool scalesGroups = node.Opset < 21;
        return operands =>
        {
            operands.RequireRank(0, 2);
            long channels = operands[0].size(1);
            if (channels % groups != 0)
                throw operands.Fault($"the input has {channels} channels, expected a multiple of num_groups, {groups}");
            RequirePerChannel(operands, 1, scalesGroups ? groups : channels);
            RequirePerChannel(operands, 2, scalesGroups ? groups : channels);
            (Tensor scale, Tensor bias) = perChannel(operands);
            return [functional.group_norm(operands[0], groups, scale, bias, epsilon)];
        };
    }

    // https://onnx.ai/onnx/operators/onnx__RMSNormalization.html
    private static OperatorFunction RmsNormalization(OnnxNode node)
    {
        long axis = node.Int("axis", -1);
        double epsilon = node.Float("epsilon", 1e-5f);
        bool inFloat = node.Flag("stash_type", true);
        return operands =>
        {
            Tensor input = operands[0], wide = Stash(input, inFloat);
            long[] over = Axes.All(input.dim())[(int)Axes.Normalize(node, axis, input.dim())..];
            Tensor inverse = ((wide * wide).mean(over, keepdim: true) + epsilon).rsqrt();
            return [(wide * inverse).to(input.dtype) * operands[1]];
        };
    }

    // Local response: x / (bias + alpha/size · Σ x²)^beta over ⌊(size−1)/2⌋ channels before and ⌈(size−1)/2⌉ after.
    private static OperatorFunction Lrn(OnnxNode node)
    {
        double alpha = node.Float("alpha", 1e-4f), beta = node.Float("beta", 0.75f), bias = node.Float("bias", 1);
        long size = node.Within("size", 0, 1);
        return operands =>
        {
            operands.RequireRank(0, 2);
            Tensor input = operands[0];
            long[] shape = input.shape;
            Budget.Require(node, input.dtype, [.. shape, (shape[1] + size) / Math.Max(1, shape[1])]);
            Tensor squares = (input * input).reshape([shape[0], 1, shape[1], new TensorShape(shape[2..]).Count]);
            Tensor padded = functional.pad(squares, [0, 0, (size - 1) / 2, size / 2]);
            Tensor means = functional.avg_pool2d(padded, [size, 1], [1, 1]).reshape(shape);
            return [input / (means * alpha + bias).pow(beta)];
        };
    }

    private static OperatorFunction LpNormalization(OnnxNode node)
    {
        long axis = node.Int("axis", -1), p = node.Within("p", 2, 1, 2);
        return operands =>
        {
            Tensor input = operands[0];
            long[] along = [Axes.Normalize(node, axis, input.dim())];
            Tensor norm = LpNorm.Root((p == 1 ? input.abs() : input * input).sum(along, keepdim: true), p);
            // A vector of zeros stays one.
            return [input / norm.masked_fill(norm.eq(0), 1)];
        };
    }

    private static OperatorFunction MeanVarianceNormalization(OnnxNode node)
    {
        const double Epsilon = 1e-9;
        long[] axes = node.Ints("axes") ?? [0, 2, 3];
        return operands =>
        {
            Tensor input = operands[0];
            (Tensor variance, Tensor mean) = input.var_mean(Axes.Normalize(node, axes, input.dim()), unbiased: false, keepdim: true);
            return [(input - mean) / (variance.sqrt() + Epsilon)];
        };
    }

    private static Tensor Stash(Tensor input, bool inFloat) =>
        inFloat && input.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? input.to(ScalarType.Float32) : input;

    private static bool HasShape(Tensor tensor, long[] shape) => tensor.dim() == shape.Length && tensor.shape.AsSpan().SequenceEqual(shape);

    private static void RequirePerChannel(Operands operands, int index, long count)
    {
        if (operands[index].dim() != 1 || operands[index].size(0) != count)
            throw operands.Fault($"input {index} has {operands[index].numel()} elements, expected {count} along one axis");
    }
}
