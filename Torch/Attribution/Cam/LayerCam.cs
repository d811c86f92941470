using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>LayerCAM: Σₖ max(Gₖ, 0)·Aₖ. Jiang et al. 2021, https://doi.org/10.1109/TIP.2021.3089943. Sharp in early layers, too.</summary>
internal static class LayerCam
{
    public static AttributionMethod Method { get; } = new("layer-cam", AttributionKind.Layer, AttributionNeeds.Gradient,
        "Σₖ max(Gₖ, 0)·Aₖ", "Jiang et al. 2021, https://doi.org/10.1109/TIP.2021.3089943")
    { ShownPositive = true };

    /// <summary>The map [H, W] of activations and gradients [C, H, W].</summary>
    public static Tensor Map(Tensor activation, Tensor gradient) => (gradient.clamp_min(0) * activation).sum([0]);
}
