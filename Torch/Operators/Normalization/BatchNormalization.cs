using CnnOnnx.Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// BatchNormalization. ONNX's momentum is the share of the old running value, torch's that of the new one:
/// running = running · momentum + batch · (1 − momentum).
/// </summary>
internal static class BatchNormalization
{
    /// <summary>
    /// Versions 1 to 13: a node that has the statistics among its outputs normalises by the batch, as training_mode says later,
    /// and gives the batch's own mean and inverse deviation as fourth and fifth result.
    /// </summary>
    public static OperatorFunction Prepare1(OnnxNode node)
    {
        // Until version 9: 0 means that every cell of a map has statistics of its own.
        bool isSpatial = node.Opset >= 9 || node.Flag("spatial", true);
        double epsilon = node.Float("epsilon", 1e-5f), momentum = node.Float("momentum", 0.9f);
        if (node.Outputs.Skip(1).Any(name => name.Length > 0))
            return isSpatial
                ? operands => NormalizeByBatch(operands, epsilon, momentum)
                : throw node.Error("normalises each cell by the batch (spatial = 0 with the statistics as outputs), expected spatial = 1");
        return operands =>
        {
            RequireShapes(operands, isSpatial);
            if (isSpatial)
                return [Normalize(operands, epsilon, momentum)];
            Tensor inverse = (operands[4] + epsilon).rsqrt();
            return [(operands[0] - operands[3]) * (inverse * operands[1]) + operands[2]];
        };
    }

    /// <summary>From version 14: training_mode normalises by the batch and gives the new running values as outputs.</summary>
    public static OperatorFunction Prepare14(OnnxNode node)
    {
        double epsilon = node.Float("epsilon", 1e-5f), momentum = node.Float("momentum", 0.9f);
        if (node.Flag("training_mode", false))
            return operands => NormalizeByBatch(operands, epsilon, momentum);
        return operands =>
        {
            RequireShapes(operands, isSpatial: true);
            return [Normalize(operands, epsilon, momentum)];
        };
    }

    private static Tensor[] NormalizeByBatch(Operands operands, double epsilon, double momentum)
    {
        RequireShapes(operands, isSpatial: true);
        Tensor input = operands[0];
        long[] over = [.. Axes.All(input.dim()).Where(axis => axis != 1)];
        using Tensor still = input.detach().to(operands[3].dtype);
        (Tensor variance, Tensor mean) = still.var_mean(over, unbiased: false);
        Tensor newMean = operands[3] * momentum + mean * (1 - momentum), newVariance = operands[4] * momentum + variance * (1 - momentum);
        if (Learns(operands))
        {
            Update(operands, 3, newMean);
            Update(operands, 4, newVariance);
        }

        Tensor result = Apply(operands, null, null, epsilon, isBatch: true, momentum: 0);
        // What the specification calls saved variance is in every runtime what the backward pass divides by.
        return operands.Node.Outputs.Length <= 3
            ? [result, newMean, newVariance]
            : [result, newMean, newVariance, mean, (variance + epsilon).rsqrt()];
    }

    // A layer whose scale and bias are both frozen is done learning: its statistics stay as they are, too.
    private static bool Learns(Operands operands) => operands.State.IsTraining && !(IsFrozen(operands, 1) && IsFrozen(operands, 2));

    private static bool IsFrozen(Operands operands, int index) => operands.IsInitializer(index) && !operands[index].requires_grad;

    private static Tensor Normalize(Operands operands, double epsilon, double momentum)
    {
        if (!Learns(operands))
            return Apply(operands, operands[3], operands[4], epsilon, isBatch: false, momentum: 0);
        // Only what the model keeps is updated; statistics that were computed or given are left alone.
        bool keeps = operands.IsInitializer(3) && operands.IsInitializer(4);
        // The running variance divides by one value less than there are: it would be NaN from here on.
        if (keeps && operands[0].numel() == operands[0].size(1))
            throw operands.Fault("input 0 has one value a channel, expected at least two to learn their variance from");
        return Apply(operands, keeps ? operands[3] : null, keeps ? operands[4] : null, epsilon, isBatch: true, 1 - momentum);
    }

    private static Tensor Apply(Operands operands, Tensor? mean, Tensor? variance, double epsilon, bool isBatch, double momentum)
    {
        Tensor input = operands[0];
        if (input.dtype == operands[1].dtype && input.dtype == operands[3].dtype)
            return functional.batch_norm(input, mean, variance, operands[1], operands[2], isBatch, momentum, epsilon);
        // Half precision inputs with float parameters (version 15) are computed in float.
        ScalarType wide = operands[3].dtype;
        return functional.batch_norm(
            input.to(wide), mean, variance, operands[1].to(wide), operands[2].to(wide), isBatch, momentum, epsilon).to(input.dtype);
    }

    private static void Update(Operands operands, int index, Tensor value)
    {
        if (!operands.IsInitializer(index))
            return;
        using var _ = no_grad();
        operands[index].copy_(value);
    }

    private static void RequireShapes(Operands operands, bool isSpatial)
    {
        operands.RequireRank(0, isSpatial ? 2 : 1);
        long expected = isSpatial ? operands[0].size(1) : operands[1].numel();
        for (int i = 1; i <= 4; i++)
            if (operands[i].numel() != expected || (isSpatial && operands[i].dim() != 1))
                throw operands.Fault(
                    $"input {i} has {operands[i].numel()} elements, expected {expected}{(isSpatial ? " along one axis" : "")}");
    }
}
