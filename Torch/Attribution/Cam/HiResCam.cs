using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// HiResCAM: Σₖ Gₖ·Aₖ, place by place. Draelos and Carin 2020, https://arxiv.org/abs/2011.08891. Where only a linear layer follows, the
/// map sums to the target without its bias.
/// </summary>
internal static class HiResCam
{
    public static AttributionMethod Method { get; } = new("hires-cam", AttributionKind.Layer, AttributionNeeds.Gradient,
        "Σₖ Gₖ·Aₖ", "Draelos and Carin 2020, https://arxiv.org/abs/2011.08891")
    { ShownPositive = true };

    /// <summary>The map [H, W] of activations and gradients [C, H, W].</summary>
    public static Tensor Map(Tensor activation, Tensor gradient) => (gradient * activation).sum([0]);
}
