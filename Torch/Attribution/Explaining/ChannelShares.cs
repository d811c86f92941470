using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// What each channel of a layer adds to a target, to first order: its mean gradient times the sum of its activations, which is what
/// Grad-CAM sums over places. Of a network whose rest is linear the shares and the bias make up the score.
/// </summary>
/// <param name="Layer">Name of the layer.</param>
/// <param name="Target">The target.</param>
/// <param name="Shares">One number for each channel, in units of the target.</param>
/// <param name="Maps">Activations, channel by channel, row by row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
internal sealed record ChannelShares(string Layer, AttributionTarget Target, float[] Shares, float[] Maps, int Height, int Width)
{
    /// <summary>Activations of a channel.</summary>
    public MapPlane Plane(int channel) => new(Height, Width, Maps[(channel * Height * Width)..((channel + 1) * Height * Width)]);

    /// <summary>Channels with the largest shares, for or against, the largest first.</summary>
    public int[] Strongest(int count) =>
        [.. Enumerable.Range(0, Shares.Length).OrderByDescending(channel => Math.Abs(Shares[channel])).Take(count)];

    /// <summary>Reads the shares of a target from the passes over a picture; null where it does not depend on the layer.</summary>
    public static ChannelShares? Of(Explanation explanation, AttributionTarget target, string layer)
    {
        explanation.GoTo(target);
        Tensor activation = explanation.Activation(layer)[0];
        if (explanation.Gradient(layer) is not { } gradient)
            return null;
        Tensor shares = gradient[0].mean([1, 2]) * activation.sum([1, 2]);
        return new ChannelShares(layer, target, Floats(shares), Floats(activation), (int)activation.shape[1], (int)activation.shape[2]);
    }

    private static float[] Floats(Tensor values) => values.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
}
