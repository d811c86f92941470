using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnOnnx.Tensors;

/// <summary>
/// What the numbers of a tensor are like. NaN and infinities are counted, and left out of everything else; with no finite
/// number at all, and for a tensor without elements, min, max, mean and std are NaN.
/// </summary>
public sealed record TensorStatistics
{
    /// <summary>All elements, the finite ones and the others.</summary>
    public required long Count { get; init; }

    public required float Min { get; init; }

    public required float Max { get; init; }

    public required double Mean { get; init; }

    /// <summary>Of the population: the divisor is the number of finite elements.</summary>
    public required double Std { get; init; }

    /// <summary>0 to 1: elements that are 0 or −0, of all elements.</summary>
    public required double ZeroShare { get; init; }

    public required long NanCount { get; init; }

    public required long PositiveInfinityCount { get; init; }

    public required long NegativeInfinityCount { get; init; }

    public bool IsFinite => FiniteCount == Count;

    internal long FiniteCount => Count - NanCount - PositiveInfinityCount - NegativeInfinityCount;

    /// <summary>Sums are in double precision, from one pass over the values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TensorStatistics From(ReadOnlySpan<float> values)
    {
        // Deviations from some value of the tensor instead of from 0: constants come out exact, and nothing cancels out
        // where the mean is much larger than the spread.
        float origin = FirstFinite(values);
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var sums = new Sums(origin);
        foreach (Vector<float> vector in vectors)
            sums.Add(vector);
        // The last few: a whole vector, filled up with the origin, which adds nothing to the sums.
        int rest = values.Length - vectors.Length * Vector<float>.Count;
        if (rest > 0)
        {
            Span<float> last = stackalloc float[Vector<float>.Count];
            last.Fill(origin);
            values[^rest..].CopyTo(last);
            sums.Add(new Vector<float>(last));
        }

        return sums.Finish(values.Length, padding: rest > 0 ? Vector<float>.Count - rest : 0);
    }

    /// <summary>Of several parts together, such as the channels of a tensor: as if all their values had been one tensor's.</summary>
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

    private static float FirstFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
            if (float.IsFinite(value))
                return value;
        return 0;
    }

    /// <summary>The running sums, a vector's width of them side by side.</summary>
    private struct Sums(float origin)
    {
        private readonly Vector<double> _originWide = new(origin);
        private readonly Vector<float> _origin = new(origin);
        private Vector<float> _min = new(float.PositiveInfinity);
        private Vector<float> _max = new(float.NegativeInfinity);
        private Vector<double> _sum;
        private Vector<double> _squares;
        private long _zeros;
        private long _nan;
        private long _positive;
        private long _negative;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector<float> x)
        {
            Vector<int> finite = Vector.LessThan(Vector.Abs(x), new Vector<float>(float.PositiveInfinity));
            if (finite != Vector<int>.AllBitsSet)
            {
                _nan += Lanes(~Vector.Equals(x, x));
                _positive += Lanes(Vector.Equals(x, new Vector<float>(float.PositiveInfinity)));
                _negative += Lanes(Vector.Equals(x, new Vector<float>(float.NegativeInfinity)));
                x = Vector.ConditionalSelect(finite, x, _origin);
                _zeros -= origin == 0 ? Lanes(~finite) : 0;
            }

            _zeros += Lanes(Vector.Equals(x, Vector<float>.Zero));
            _min = Vector.MinNative(_min, x);
            _max = Vector.MaxNative(_max, x);
            Vector.Widen(x, out Vector<double> low, out Vector<double> high);
            low -= _originWide;
            high -= _originWide;
            _sum += low + high;
            _squares += low * low + high * high;
        }

        public readonly TensorStatistics Finish(long count, int padding)
        {
            long finite = count - _nan - _positive - _negative;
            double shift = Vector.Sum(_sum) / finite;
            double variance = Math.Max(0, Vector.Sum(_squares) / finite - shift * shift);
            float min = float.PositiveInfinity, max = float.NegativeInfinity;
            for (int i = 0; i < Vector<float>.Count; i++)
                (min, max) = (Math.Min(min, _min[i]), Math.Max(max, _max[i]));
            long zeros = _zeros - (origin == 0 ? padding : 0);
            return new TensorStatistics
            {
                Count = count,
                Min = finite == 0 ? float.NaN : min,
                Max = finite == 0 ? float.NaN : max,
                Mean = finite == 0 ? double.NaN : origin + shift,
                Std = finite == 0 ? double.NaN : Math.Sqrt(variance),
                ZeroShare = count == 0 ? 0 : (double)zeros / count,
                NanCount = _nan,
                PositiveInfinityCount = _positive,
                NegativeInfinityCount = _negative,
            };
        }

        // A comparison sets all bits of a lane, which is −1.
        private static int Lanes(Vector<int> mask) => -Vector.Sum(mask);
    }
}
