using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnOnnx.Statistics;

/// <summary>
/// Statistics of a tensor's numbers. NaN and infinities are counted, and left out of everything else; with no finite
/// number at all, and for a tensor without elements, min, max, mean and std are NaN.
/// </summary>
public readonly record struct TensorStatistics
{
    /// <summary>Number of all elements, the finite ones and the others.</summary>
    public required long Count { get; init; }

    /// <summary>Smallest finite element.</summary>
    public required float Min { get; init; }

    /// <summary>Largest finite element.</summary>
    public required float Max { get; init; }

    /// <summary>Mean of the finite elements.</summary>
    public required double Mean { get; init; }

    /// <summary>Standard deviation of the population: the divisor is the number of finite elements.</summary>
    public required double Std { get; init; }

    /// <summary>Share of elements that are 0 or −0 of all elements, 0 to 1.</summary>
    public required double ZeroShare { get; init; }

    /// <summary>Number of elements that are NaN.</summary>
    public required long NanCount { get; init; }

    /// <summary>Number of elements that are +∞.</summary>
    public required long PositiveInfinityCount { get; init; }

    /// <summary>Number of elements that are −∞.</summary>
    public required long NegativeInfinityCount { get; init; }

    /// <summary>True when all elements are finite.</summary>
    public bool IsFinite => FiniteCount == Count;

    internal long FiniteCount => Count - NanCount - PositiveInfinityCount - NegativeInfinityCount;

    /// <summary>Measures numbers in one pass, with sums in double precision.</summary>
    /// <param name="values">All elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TensorStatistics From(ReadOnlySpan<float> values)
    {
        // Deviations from some value of the tensor instead of from 0: constants come out exact, and nothing cancels out
        // where the mean is much larger than the spread.
        float origin = values.IsEmpty ? 0 : values[0];
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        // The last few: a whole vector, filled up with the origin, which adds nothing to the sums.
        Span<float> last = stackalloc float[Vector<float>.Count];
        last.Fill(origin);
        int rest = values.Length - vectors.Length * Vector<float>.Count, padding = rest == 0 ? 0 : Vector<float>.Count - rest;
        values[^rest..].CopyTo(last);

        var tail = new Vector<float>(last);
        var originWide = new Vector<double>(origin);
        var min = new Vector<float>(float.PositiveInfinity);
        var max = new Vector<float>(float.NegativeInfinity);
        // 0 times a finite number is 0; times anything else it is NaN, and stays so in the sum.
        Vector<float> trace = Vector<float>.Zero;
        Vector<int> zeros = Vector<int>.Zero;
        Vector<double> sum = Vector<double>.Zero, squares = Vector<double>.Zero;
        int end = vectors.Length + Math.Sign(rest);
        for (int i = 0; i < end; i++)
        {
            Vector<float> x = i < vectors.Length ? vectors[i] : tail;
            trace += x * Vector<float>.Zero;
            // A comparison sets all bits of a lane, which is −1.
            zeros -= Vector.Equals(x, Vector<float>.Zero);
            min = Vector.MinNative(min, x);
            max = Vector.MaxNative(max, x);
            Vector.Widen(x, out Vector<double> low, out Vector<double> high);
            low -= originWide;
            high -= originWide;
            sum += low + high;
            squares += low * low + high * high;
        }

        if (Vector.Sum(trace) != 0)
            return WithoutNonFinite(values);
        var (smallest, largest) = (min[0], max[0]);
        for (int i = 1; i < Vector<float>.Count; i++)
            (smallest, largest) = (float.MinNative(smallest, min[i]), float.MaxNative(largest, max[i]));
        int counted = Vector.Sum(zeros) - (origin == 0 ? padding : 0);
        return FromSums(values.Length, smallest, largest, origin, Vector.Sum(sum), Vector.Sum(squares), counted);
    }

    /// <summary>Makes the statistics of finite values from counts and sums.</summary>
    /// <param name="count">Number of values.</param>
    /// <param name="min">Smallest value.</param>
    /// <param name="max">Largest value.</param>
    /// <param name="origin">Number from which deviations were taken.</param>
    /// <param name="sum">Sum of the deviations.</param>
    /// <param name="squares">Sum of the squared deviations.</param>
    /// <param name="zeros">Number of values that are 0.</param>
    internal static TensorStatistics FromSums(long count, float min, float max, float origin, double sum, double squares, long zeros)
    {
        double shift = sum / count;
        return new TensorStatistics
        {
            Count = count,
            Min = count == 0 ? float.NaN : min,
            Max = count == 0 ? float.NaN : max,
            // Without values, 0 / 0.
            Mean = origin + shift,
            Std = Math.Sqrt(Math.Max(0, squares / count - shift * shift)),
            ZeroShare = count == 0 ? 0 : (double)zeros / count,
            NanCount = 0,
            PositiveInfinityCount = 0,
            NegativeInfinityCount = 0,
        };
    }

    /// <summary>Joins the statistics of parts, such as a tensor's channels, to those of all their values.</summary>
    /// <param name="parts">Statistics of each part.</param>
    internal static TensorStatistics Merge(ReadOnlySpan<TensorStatistics> parts)
    {
        long count = 0, finite = 0, nan = 0, positive = 0, negative = 0;
        float min = float.PositiveInfinity, max = float.NegativeInfinity;
        double zeros = 0, mean = 0, squares = 0;
        foreach (TensorStatistics part in parts)
        {
            count += part.Count;
            nan += part.NanCount;
            positive += part.PositiveInfinityCount;
            negative += part.NegativeInfinityCount;
            zeros += Math.Round(part.ZeroShare * part.Count);
            if (part.FiniteCount == 0)
                continue;
            (min, max) = (Math.Min(min, part.Min), Math.Max(max, part.Max));
            // Chan, Golub, LeVeque 1979: squared deviations of two parts, and those between their means.
            double delta = part.Mean - mean;
            double share = (double)part.FiniteCount / (finite + part.FiniteCount);
            squares += part.Std * part.Std * part.FiniteCount + delta * delta * finite * share;
            mean += delta * share;
            finite += part.FiniteCount;
        }

        return new TensorStatistics
        {
            Count = count,
            Min = finite == 0 ? float.NaN : min,
            Max = finite == 0 ? float.NaN : max,
            Mean = finite == 0 ? double.NaN : mean,
            Std = finite == 0 ? double.NaN : Math.Sqrt(squares / finite),
            ZeroShare = count == 0 ? 0 : zeros / count,
            NanCount = nan,
            PositiveInfinityCount = positive,
            NegativeInfinityCount = negative,
        };
    }

    // The few tensors that have NaN or infinities are read once more, and what is finite of them copied.
    private static TensorStatistics WithoutNonFinite(ReadOnlySpan<float> values)
    {
        float[] finite = ArrayPool<float>.Shared.Rent(values.Length);
        int count = 0, nan = 0, positive = 0, negative = 0;
        foreach (float value in values)
        {
            if (float.IsFinite(value))
                finite[count++] = value;
            else if (float.IsNaN(value))
                nan++;
            else if (value > 0)
                positive++;
            else
                negative++;
        }

        var known = From(finite.AsSpan(0, count));
        ArrayPool<float>.Shared.Return(finite);
        return known with
        {
            Count = values.Length,
            NanCount = nan,
            PositiveInfinityCount = positive,
            NegativeInfinityCount = negative,
            ZeroShare = Math.Round(known.ZeroShare * count) / values.Length,
        };
    }
}
