using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Gradient times input, in the units that the model sees. Shrikumar et al. 2016, https://arxiv.org/abs/1605.01713. Of a network of
/// ReLUs without biases it sums to the target.
/// </summary>
internal static class GradientTimesInput
{
    public static AttributionMethod Method { get; } = new("gradient-x-input", AttributionKind.Input, AttributionNeeds.Gradient,
        "x·∂y/∂x", "Shrikumar et al. 2016, https://arxiv.org/abs/1605.01713");

    /// <summary>The map [C, H, W] of an input and the gradient by it.</summary>
    public static Tensor Map(Tensor input, Tensor gradient) => input * gradient;
}
