using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// XGrad-CAM: Σₖ wₖ·Aₖ with wₖ = Σ Gₖ·Aₖ / Σ Aₖ, 0 where a channel sums to 0. Fu et al. 2020, https://arxiv.org/abs/2008.02312.
/// </summary>
internal static class XGradCam
{
    public static AttributionMethod Method { get; } = new("xgrad-cam", AttributionKind.Layer, AttributionNeeds.Gradient,
        "Σₖ wₖ·Aₖ, wₖ = Σ Gₖ·Aₖ / Σ Aₖ", "Fu et al. 2020, https://arxiv.org/abs/2008.02312")
    { ShownPositive = true };

    /// <summary>The map [H, W] of activations and gradients [C, H, W].</summary>
    public static Tensor Map(Tensor activation, Tensor gradient, ConventionRules rules)
    {
        Tensor sum = activation.sum([1, 2], keepdim: true) + rules.XGradEpsilon;
        Tensor product = (gradient * activation).sum([1, 2], keepdim: true);
        return (where(sum.eq(0), zeros_like(sum), product / sum) * activation).sum([0]);
    }
}
