using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Losses of classifiers, as graphs that were exported with their training have them.</summary>
internal static class LossOperators
{
    public static Operator[] Rows { get; } =
    [
        new("NegativeLogLikelihoodLoss", 12, NegativeLogLikelihood),
        new("SoftmaxCrossEntropyLoss", 12, SoftmaxCrossEntropy),
    ];

    // https://onnx.ai/onnx/operators/onnx__NegativeLogLikelihoodLoss.html
    private static OperatorFunction NegativeLogLikelihood(OnnxNode node)
    {
        Func<Operands, Tensor, Tensor> loss = LossOf(node);
        return operands =>
        {
            operands.RequireRank(0, 2);
            return [loss(operands, operands[0])];
        };
    }

    // https://onnx.ai/onnx/operators/onnx__SoftmaxCrossEntropyLoss.html
    private static OperatorFunction SoftmaxCrossEntropy(OnnxNode node)
    {
        Func<Operands, Tensor, Tensor> loss = LossOf(node);
        return operands =>
        {
            operands.RequireRank(0, 2);
            Tensor logarithms = nn.functional.log_softmax(operands[0], 1);
            return [loss(operands, logarithms), logarithms];
        };
    }

    // From logarithms [N, C, …], with targets [N, …] as input 1 and a weight for each class as input 2.
    private static Func<Operands, Tensor, Tensor> LossOf(OnnxNode node)
    {
        string reduction = node.OneOf("reduction", "mean", "sum", "none");
        long? ignored = node.HasAttribute("ignore_index") ? node.Int("ignore_index", 0) : null;
        return (operands, logarithms) =>
        {
            Tensor target = operands[1];
            long[] shape = logarithms.shape;
            if (!target.is_integral() || !target.shape.AsSpan().SequenceEqual([shape[0], .. shape[2..]]))
                throw operands.Fault(
                    $"the targets are {target.dtype}{new TensorShape(target.shape)}, expected integers "
                    + $"{new TensorShape([shape[0], .. shape[2..]])}");
            operands.RequireShape(2, shape[1]);

            Tensor? isIgnored = ignored is { } index ? target.eq(index) : null;
            Tensor classes = isIgnored is null ? target : target.masked_fill(isIgnored, 0);
            if (classes.numel() > 0 && classes.lt(0).any().item<bool>())
                throw operands.Fault($"has target {classes.min().to(ScalarType.Int64).item<long>()}, expected 0 to {shape[1] - 1}");
            classes = OperandValues.Indices(node, classes, shape[1]);
            Tensor weights = operands.Optional(2) is { } weight ? weight.index_select(0, classes.flatten()).reshape(classes.shape)
                : ones_like(classes, dtype: logarithms.dtype);
            if (isIgnored is not null)
                weights = weights.masked_fill(isIgnored, 0);
            Tensor losses = -(logarithms.gather(1, classes.unsqueeze(1)).squeeze(1) * weights);
            return reduction switch
            {
                "none" => losses,
                "sum" => losses.sum(),
                _ => losses.sum() / weights.sum(),
            };
        };
    }
}
