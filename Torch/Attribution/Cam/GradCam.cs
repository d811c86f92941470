using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Grad-CAM: Σₖ wₖ·Aₖ with wₖ the mean gradient of channel k. Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391. Shown without
/// what is negative.
/// </summary>
internal static class GradCam
{
    public static AttributionMethod Method { get; } = new("grad-cam", AttributionKind.Layer, AttributionNeeds.Gradient,
        "Σₖ wₖ·Aₖ, wₖ = mean of Gₖ", "Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391")
    { ShownPositive = true };

    /// <summary>The map [H, W] of activations and gradients [C, H, W].</summary>
    public static Tensor Map(Tensor activation, Tensor gradient, ConventionRules rules) =>
        (gradient.mean([1, 2], keepdim: true) * activation).sum([0]) + rules.GradCamStart;
}
