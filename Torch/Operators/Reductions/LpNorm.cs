using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Norms (Σ|x|ᵖ)^(1/p).</summary>
internal static class LpNorm
{
    /// <summary>The p-th root of sums that are not negative, with gradient 0 instead of 0·∞ where the sum is 0.</summary>
    public static Tensor Root(Tensor sums, double p)
    {
        if (p == 1)
            return sums.alias();
        Tensor isZero = sums.eq(0);
        return sums.masked_fill(isZero, 1).pow(1 / p).masked_fill(isZero, 0);
    }
}
