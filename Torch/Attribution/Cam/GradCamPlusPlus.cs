using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Grad-CAM++: Σₖ wₖ·Aₖ with wₖ = Σ α·max(G, 0) and α = G² / (2G² + G³·ΣAₖ), 0 where G is 0. Chattopadhyay et al. 2018,
/// https://arxiv.org/abs/1710.11063. The paper's factor exp(y) scales the whole map and is left out.
/// </summary>
internal static class GradCamPlusPlus
{
    public static AttributionMethod Method { get; } = new("grad-cam-plus-plus", AttributionKind.Layer, AttributionNeeds.Gradient,
        "Σₖ wₖ·Aₖ, wₖ = Σ α·max(Gₖ, 0), α = G²/(2G² + G³·ΣAₖ)", "Chattopadhyay et al. 2018, https://arxiv.org/abs/1710.11063")
    { ShownPositive = true };

    /// <summary>The map [H, W] of activations and gradients [C, H, W].</summary>
    public static Tensor Map(Tensor activation, Tensor gradient, ConventionRules rules) => rules.PlusPlusCubes
        ? (gradient.clamp_min(0).pow(3).sum([1, 2], keepdim: true) * activation).sum([0])
        : Map(activation, gradient, gradient.square(), gradient.pow(3), rules.PlusPlusEpsilon);

    /// <param name="activation">Activations, [C, H, W].</param>
    /// <param name="first">First derivative.</param>
    /// <param name="second">Square of it, or the mean of squares.</param>
    /// <param name="third">Cube of it, or the mean of cubes.</param>
    /// <param name="epsilon">Added to the denominator.</param>
    public static Tensor Map(Tensor activation, Tensor first, Tensor second, Tensor third, double epsilon)
    {
        Tensor denominator = second * 2 + third * activation.sum([1, 2], keepdim: true) + epsilon;
        Tensor alpha = where(first.eq(0).logical_or(denominator.eq(0)), zeros_like(first), second / denominator);
        return ((alpha * first.clamp_min(0)).sum([1, 2], keepdim: true) * activation).sum([0]);
    }
}
