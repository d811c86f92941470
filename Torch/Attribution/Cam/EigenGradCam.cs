using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// EigenGradCAM: EigenCAM of gradient times activation, so that it depends on the target. pytorch-grad-cam's own method, after Muhammad and
/// Yeasin 2020, https://arxiv.org/abs/2008.00299. The sign is the one in which places that speak for the target are positive.
/// </summary>
internal static class EigenGradCam
{
    public static AttributionMethod Method { get; } = new("eigen-grad-cam", AttributionKind.Layer, AttributionNeeds.Gradient,
        "(G·A − mean)·v₁, v₁ the first right singular vector of G·A as places × channels",
        "after Muhammad and Yeasin 2020, https://arxiv.org/abs/2008.00299")
    { ShownPositive = true };

    /// <summary>The map [H, W] of activations and gradients [C, H, W].</summary>
    public static Tensor Map(Tensor activation, Tensor gradient) => EigenCam.Map(gradient * activation);
}
