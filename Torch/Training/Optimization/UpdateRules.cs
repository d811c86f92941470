using System.Collections.Frozen;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>The numbers of one optimizer step.</summary>
/// <param name="Rate">Learning rate of this step.</param>
/// <param name="Step">Number of the step, from 1.</param>
/// <param name="Momentum">Share of the last step that is kept.</param>
/// <param name="WeightDecay">L2 penalty.</param>
internal readonly record struct StepSize(double Rate, long Step, double Momentum, double WeightDecay);

/// <summary>One way to turn a gradient into a step.</summary>
/// <param name="Slots">Names of the tensors that the rule remembers for each parameter; all start at zero.</param>
/// <param name="Apply">Changes the parameter and its slots in place.</param>
internal sealed record UpdateRule(string[] Slots, Action<Tensor, Tensor, Tensor[], StepSize> Apply);

/// <summary>The optimizers, with PyTorch's formulas. What they remember has names, so that a checkpoint can hold it.</summary>
internal static class UpdateRules
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    public static FrozenDictionary<string, UpdateRule> All { get; } = new Dictionary<string, UpdateRule>
    {
        ["sgd"] = new([], Sgd),
        ["momentum"] = new(["velocity"], Momentum),
        ["adam"] = new(["mean", "square"], Adam),
        ["adamw"] = new(["mean", "square"], AdamW),
    }.ToFrozenDictionary();

    private static void Sgd(Tensor weight, Tensor gradient, Tensor[] _, StepSize size) =>
        weight.add_(Decayed(weight, gradient, size), alpha: -size.Rate);

    private static void Momentum(Tensor weight, Tensor gradient, Tensor[] slots, StepSize size) =>
        weight.add_(slots[0].mul_(size.Momentum).add_(Decayed(weight, gradient, size)), alpha: -size.Rate);

    // Kingma and Ba: https://arxiv.org/abs/1412.6980
    private static void Adam(Tensor weight, Tensor gradient, Tensor[] slots, StepSize size)
    {
        Tensor decayed = Decayed(weight, gradient, size);
        Tensor mean = slots[0].mul_(Beta1).add_(decayed, alpha: 1 - Beta1);
        Tensor square = slots[1].mul_(Beta2).addcmul_(decayed, decayed, 1 - Beta2);
        double meanBias = 1 - Math.Pow(Beta1, size.Step), squareBias = 1 - Math.Pow(Beta2, size.Step);
        weight.addcdiv_(mean, square.sqrt().div_(Math.Sqrt(squareBias)).add_(Epsilon), -size.Rate / meanBias);
    }

    // Loshchilov and Hutter: https://arxiv.org/abs/1711.05101. The decay does not pass through the moments.
    private static void AdamW(Tensor weight, Tensor gradient, Tensor[] slots, StepSize size)
    {
        weight.mul_(1 - (size.Rate * size.WeightDecay));
        Adam(weight, gradient, slots, size with { WeightDecay = 0 });
    }

    private static Tensor Decayed(Tensor weight, Tensor gradient, StepSize size) =>
        size.WeightDecay == 0 ? gradient : gradient.add(weight, alpha: size.WeightDecay);
}
