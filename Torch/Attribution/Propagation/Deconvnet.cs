namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Deconvolutional network: the gradient by the input, where each activation lets only positive gradients through, whatever it was itself.
/// Zeiler and Fergus 2013, https://arxiv.org/abs/1311.2901.
/// </summary>
internal static class Deconvnet
{
    public static AttributionMethod Method { get; } = new("deconvnet", AttributionKind.Input, AttributionNeeds.Gradient,
        "∂y/∂x with max(g, 0) at each activation", "Zeiler and Fergus 2013, https://arxiv.org/abs/1311.2901");
}
