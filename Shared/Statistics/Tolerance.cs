using System.Collections.Frozen;
using CnnOnnx.Tensors;

namespace CnnOnnx.Statistics;

/// <summary>Difference allowed between two engines that compute the same tensor: they add up in another order.</summary>
/// <param name="Relative">Part of the tensor's largest magnitude, or of 1 where that is smaller.</param>
/// <param name="Absolute">Difference allowed on top of it.</param>
/// <param name="Reason">Reason for so much and no less, in words.</param>
internal sealed record Tolerance(double Relative, double Absolute, string Reason)
{
    private static readonly Tolerance Exact = new(0, 0, "integers and booleans are exact");

    private static readonly Tolerance OneStep = new(0, 1, "a quantiser rounds, and a tie may fall either way: one step");

    private static readonly Tolerance Sums = new(1e-4, 0, "sums of float32 in another order");

    private static readonly FrozenDictionary<ElementType, Tolerance> Table = new Dictionary<ElementType, Tolerance>
    {
        [ElementType.Float] = Sums,
        [ElementType.Double] = Sums,
        [ElementType.Float16] = new(Math.ScaleB(4, -11), 0, "11 bits: four units in the last place"),
        [ElementType.BFloat16] = new(Math.ScaleB(4, -8), 0, "8 bits: four units in the last place"),
    }.ToFrozenDictionary();

    /// <summary>Finds the tolerance of a tensor.</summary>
    /// <param name="type">Type of the tensor's elements.</param>
    /// <param name="isQuantized">True when the tensor is made by a quantiser, or from what one made.</param>
    public static Tolerance Of(ElementType type, bool isQuantized = false) =>
        Table.TryGetValue(type, out Tolerance? known) ? known : isQuantized ? OneStep : Exact;

    /// <summary>Computes the largest difference that is allowed.</summary>
    /// <param name="magnitude">Largest magnitude of the tensor's finite elements.</param>
    public double Allowed(double magnitude) => Relative * Math.Max(1, magnitude) + Absolute;
}
