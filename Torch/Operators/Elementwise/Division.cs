using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// Quotients and remainders. Processors stop a program that divides an integer by zero, or the smallest one by −1: both
/// are caught before.
/// </summary>
internal static class Division
{
    /// <summary>Integers are divided towards zero.</summary>
    public static Func<Tensor, Tensor, Tensor> Divide(OnnxNode node) => (dividend, divisor) =>
    {
        if (dividend.is_floating_point())
            return dividend.div(divisor);
        RequireNonZero(node, divisor);
        Tensor isMinusOne = divisor.eq(-1);
        return where(isMinusOne, -dividend, dividend.div(divisor.masked_fill(isMinusOne, 1), RoundingMode.trunc));
    };

    /// <summary>The remainder with the divisor's sign, as in Python; for integers only.</summary>
    public static Func<Tensor, Tensor, Tensor> RemainderOfDivisor(OnnxNode node) => (dividend, divisor) =>
    {
        if (dividend.is_floating_point())
            throw node.Error($"inputs are {dividend.dtype} and attribute 'fmod' is 0, expected 1 as for all but integers");
        return dividend.remainder(SafeDivisor(node, divisor));
    };

    /// <summary>The remainder with the dividend's sign, as in C.</summary>
    public static Func<Tensor, Tensor, Tensor> RemainderOfDividend(OnnxNode node) => (dividend, divisor) =>
        dividend.fmod(dividend.is_floating_point() ? divisor : SafeDivisor(node, divisor));

    // Any integer leaves 0 by −1, as it does by 1.
    private static Tensor SafeDivisor(OnnxNode node, Tensor divisor)
    {
        RequireNonZero(node, divisor);
        return divisor.dtype == ScalarType.Byte ? divisor : divisor.masked_fill(divisor.eq(-1), 1);
    }

    private static void RequireNonZero(OnnxNode node, Tensor divisor)
    {
        if (divisor.eq(0).any().item<bool>())
            throw node.Error("divides an integer by zero");
    }
}
