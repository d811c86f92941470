using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>The gradient of the target by the input. Simonyan et al. 2014, https://arxiv.org/abs/1312.6034.</summary>
internal static class PlainGradient
{
    public static AttributionMethod Method { get; } = new("gradient", AttributionKind.Input, AttributionNeeds.Gradient,
        "∂y/∂x", "Simonyan et al. 2014, https://arxiv.org/abs/1312.6034");

    /// <summary>The map [C, H, W] of the gradient by an input.</summary>
    public static Tensor Map(Tensor gradient, ConventionRules rules) =>
        rules.GradientIsAbsolute ? gradient.abs() : gradient;
}
