using CnnOnnx.Tensors;

namespace CnnOnnx.Torch.Parity;

/// <summary>How far two engines may be apart that compute the same: they sum in another order.</summary>
internal static class Tolerance
{
    /// <summary>The difference that is allowed against a tensor whose largest magnitude is given.</summary>
    /// <remarks>
    /// float32: 1e-4 of max(1, ‖b‖∞). float16 and bfloat16 carry 11 and 8 bits, so four units in the last place. Integers and
    /// booleans are exact, but for a rounding of a quantiser, where a tie may fall either way: one step.
    /// </remarks>
    public static double For(ElementType type, double magnitude, bool isQuantized) => type switch
    {
        ElementType.Float or ElementType.Double => 1e-4 * Math.Max(1, magnitude),
        ElementType.Float16 => Math.ScaleB(4, -11) * Math.Max(1, magnitude),
        ElementType.BFloat16 => Math.ScaleB(4, -8) * Math.Max(1, magnitude),
        _ => isQuantized ? 1 : 0,
    };
}
