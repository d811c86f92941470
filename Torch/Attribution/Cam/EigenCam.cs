using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// EigenCAM: places projected on the first principal direction of the channels, each channel's mean taken off. Muhammad and Yeasin 2020,
/// https://arxiv.org/abs/2008.00299. It does not depend on the target. The direction has no sign of its own: here it is the one in
/// which places of more activation are positive.
/// </summary>
internal static class EigenCam
{
    public static AttributionMethod Method { get; } = new("eigen-cam", AttributionKind.Layer, AttributionNeeds.Activation,
        "(A − mean)·v₁, v₁ the first right singular vector of A as places × channels",
        "Muhammad and Yeasin 2020, https://arxiv.org/abs/2008.00299")
    { ShownPositive = true };

    /// <summary>The map [H, W] of activations [C, H, W].</summary>
    public static Tensor Map(Tensor activation)
    {
        Tensor plain = activation.nan_to_num(0, 0, 0);
        Tensor places = plain.reshape(plain.shape[0], -1).to(ScalarType.Float64);
        Tensor centred = places - places.mean([1], keepdim: true);
        // The smaller of the two products has the same first singular value: C × C, or places × places.
        Tensor projection;
        if (centred.shape[0] <= centred.shape[1])
        {
            Tensor direction = Last(centred.mm(centred.t()));
            projection = direction.unsqueeze(0).mm(centred).squeeze(0);
        }
        else
        {
            (Tensor values, Tensor vectors) = linalg.eigh(centred.t().mm(centred));
            projection = vectors.select(1, vectors.shape[1] - 1) * values[-1].clamp_min(0).sqrt();
        }

        bool isInverted = (projection * places.sum([0])).sum().ToDouble() < 0;
        return (isInverted ? -projection : projection).reshape(plain.shape[1], plain.shape[2]).to(ScalarType.Float32);
    }

    // Eigenvalues come in ascending order.
    private static Tensor Last(Tensor symmetric)
    {
        (_, Tensor vectors) = linalg.eigh(symmetric);
        return vectors.select(1, vectors.shape[1] - 1);
    }
}
