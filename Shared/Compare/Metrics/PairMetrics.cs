namespace CnnOnnx.Compare;

/// <summary>How far a tensor B is from its reference A, over all runs. NaN and infinities are counted and in no other figure.</summary>
public sealed record PairMetrics
{
    /// <summary>Number of elements that were compared.</summary>
    public required long Elements { get; init; }

    /// <summary>True when all bytes are equal.</summary>
    public required bool IsBitEqual { get; init; }

    /// <summary>‖b − a‖∞, of finite elements.</summary>
    public required double Largest { get; init; }

    /// <summary>Index of the first element that is so far off, in A's order; null when all are equal.</summary>
    public required long? At { get; init; }

    /// <summary>The run in which it is, from 0.</summary>
    public required int AtRun { get; init; }

    /// <summary>Mean of |b − a|.</summary>
    public required double MeanAbsolute { get; init; }

    /// <summary>‖b − a‖₂ / ‖a‖₂; infinite where A is all zeros and B is not.</summary>
    public required double RelativeError { get; init; }

    /// <summary>‖b − a‖∞ / ‖a‖∞.</summary>
    public required double LargestRelative { get; init; }

    /// <summary>Cosine of the angle between the two; 1 when both are zero, 0 when one is. It does not see a change of scale.</summary>
    public required double Cosine { get; init; }

    /// <summary>
    /// 10·log₁₀(range² / mean square difference) in dB, with A's range from smallest to largest; infinite for equal tensors.
    /// </summary>
    public required double Psnr { get; init; }

    /// <summary>‖a‖∞.</summary>
    public required double Magnitude { get; init; }

    /// <summary>Share of elements out of tolerance, 0 to 1.</summary>
    public required double OutsideShare { get; init; }

    /// <summary>Elements of A that are NaN.</summary>
    public required long NaNInA { get; init; }

    /// <summary>Elements of B that are NaN.</summary>
    public required long NaNInB { get; init; }

    /// <summary>Elements of A that are infinite.</summary>
    public required long InfiniteInA { get; init; }

    /// <summary>Elements of B that are infinite.</summary>
    public required long InfiniteInB { get; init; }

    /// <summary>Elements of B beyond what float16 holds; counted where something is not finite.</summary>
    public required long BeyondHalfInB { get; init; }

    /// <summary>Signal to noise in dB: −20·log₁₀ of the relative error.</summary>
    public double Snr => -20 * Math.Log10(RelativeError);

    /// <summary>True when one side has a NaN or an infinity and the other has fewer or more of them.</summary>
    public bool DiffersInFiniteness => NaNInA != NaNInB || InfiniteInA != InfiniteInB;

    /// <summary>Says whether the difference is allowed.</summary>
    /// <param name="tolerance">Bounds of the relative error and of what never counts.</param>
    public bool IsWithin(PairTolerance tolerance) => !DiffersInFiniteness && (Largest <= tolerance.Absolute
        || (RelativeError <= tolerance.Relative && LargestRelative <= PairTolerance.LargestOverRelative * tolerance.Relative));
}

/// <summary>
/// Difference that is allowed between two tensors: either all of it is below the absolute one, or it is small against the tensor.
/// </summary>
/// <param name="Relative">
/// Bound of ‖b − a‖₂ / ‖a‖₂; a single element may be off by <see cref="LargestOverRelative"/> times as much of ‖a‖∞.
/// </param>
/// <param name="Absolute">Bound of |b − a| below which nothing counts.</param>
public readonly record struct PairTolerance(double Relative, double Absolute)
{
    /// <summary>
    /// Factor between what the tensor as a whole and what one element may be off: rounding is spread normally, and of 10⁶ elements
    /// the largest is about five deviations off.
    /// </summary>
    public const double LargestOverRelative = 10;

    /// <summary>The difference that one element may have.</summary>
    /// <param name="magnitude">‖a‖∞.</param>
    public double Allowed(double magnitude) => Math.Max(Absolute, LargestOverRelative * Relative * magnitude);
}
