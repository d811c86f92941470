using System.Numerics;

namespace CnnOnnx.Statistics;

/// <summary>
/// How far two tensors of one shape are apart, element by element and in double precision. Equal infinities and two NaNs are no
/// difference.
/// </summary>
/// <param name="Largest">‖a − b‖∞; NaN when only one of two elements is NaN.</param>
/// <param name="At">Index of the first element that is so far off; null when all are equal.</param>
/// <param name="Norm">‖a − b‖₂.</param>
/// <param name="Magnitude">The largest finite |b|, which tells a large difference from a small one.</param>
/// <param name="NonFinite">Elements whose difference is no finite number: NaN or an infinity on one side only.</param>
internal sealed record Difference(double Largest, long? At, double Norm, double Magnitude, long NonFinite)
{
    public static Difference Between<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b) where T : unmanaged, INumberBase<T>
    {
        if (a.Length != b.Length)
            throw new ArgumentException($"Tensors that are compared have as many elements, got {a.Length} and {b.Length}.");
        double largest = 0, squares = 0, magnitude = 0;
        long? at = null;
        long nonFinite = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double left = double.CreateTruncating(a[i]), right = double.CreateTruncating(b[i]);
            if (double.IsFinite(right))
                magnitude = Math.Max(magnitude, Math.Abs(right));
            if (left.Equals(right))
                continue;
            double difference = Math.Abs(left - right);
            squares += difference * difference;
            nonFinite += double.IsFinite(difference) ? 0 : 1;
            // No number is larger than NaN.
            if (!double.IsNaN(largest) && !(difference <= largest))
                (largest, at) = (difference, i);
        }

        return new Difference(largest, at, Math.Sqrt(squares), magnitude, nonFinite);
    }
}
