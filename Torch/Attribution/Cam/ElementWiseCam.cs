using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Element-wise Grad-CAM: Σₖ max(Gₖ·Aₖ, 0): HiResCAM without channels that speak against the target at a place. Draelos and Carin 2020,
/// https://arxiv.org/abs/2011.08891, with the ReLU inside the sum.
/// </summary>
internal static class ElementWiseCam
{
    public static AttributionMethod Method { get; } = new("grad-cam-elementwise", AttributionKind.Layer, AttributionNeeds.Gradient,
        "Σₖ max(Gₖ·Aₖ, 0)", "after Draelos and Carin 2020, https://arxiv.org/abs/2011.08891")
    { ShownPositive = true };

    /// <summary>The map [H, W] of activations and gradients [C, H, W].</summary>
    public static Tensor Map(Tensor activation, Tensor gradient) => (gradient * activation).clamp_min(0).sum([0]);
}
