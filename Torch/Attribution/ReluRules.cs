using CnnOnnx.Torch.Operators;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Overrides that change what a ReLU hands back, for methods that are defined by it. The forward pass stays as it is.</summary>
public static class ReluRules
{
    /// <summary>
    /// Guided backpropagation: only positive gradients pass, and only where the operand was positive.
    /// Springenberg et al. 2014, https://arxiv.org/abs/1412.6806.
    /// </summary>
    public static OperatorOverrides GuidedBackprop { get; } = OperatorOverrides.None.WithType("Relu", BackwardRule.Of(
        (operand, _, gradient) => where(operand > 0, gradient.clamp_min(0), zeros_like(gradient))));

    /// <summary>
    /// Deconvolutional network: only positive gradients pass, wherever the operand was. Zeiler and Fergus 2013,
    /// https://arxiv.org/abs/1311.2901.
    /// </summary>
    public static OperatorOverrides Deconvnet { get; } = OperatorOverrides.None.WithType("Relu", BackwardRule.Of(
        (_, _, gradient) => gradient.clamp_min(0)));
}
