using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnOnnx.Statistics;

/// <summary>Counts of values in bins of equal width from <see cref="Min"/> to <see cref="Max"/>, both included.</summary>
/// <param name="Min">Lower end of the first bin, in units of the values.</param>
/// <param name="Max">Upper end of the last bin, in units of the values.</param>
/// <param name="Counts">Number of values in each bin, from the lowest; as many as there are bins.</param>
public sealed record Histogram(float Min, float Max, long[] Counts)
{
    /// <summary>Number of bins that tensors are counted in.</summary>
    public const int DefaultBins = 64;

    /// <summary>
    /// Counts the values from min to max, both included; others, and NaN, are in no bin. Where min equals max, everything
    /// is in the first bin.
    /// </summary>
    /// <param name="values">All values, in any order.</param>
    /// <param name="min">Lower end of the first bin, finite.</param>
    /// <param name="max">Upper end of the last bin, finite.</param>
    /// <param name="bins">Number of bins, at least 1.</param>
    public static Histogram Of(ReadOnlySpan<float> values, float min, float max, int bins = DefaultBins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        using var counts = new BinCounts(values, new BinScale(min, max, bins));
        return counts.ToHistogram(bins);
    }
}

/// <summary>Bins of equal width from min to max, both included. Where min equals max, everything is in the first bin.</summary>
internal readonly struct BinScale(float min, float max, int bins)
{
    public float Min => min;

    public float Max => max;

    public int Bins => bins;

    /// <summary>Number of bins that a distance of 1 spans.</summary>
    public double PerUnit { get; } = max > min ? bins / ((double)max - min) : 0;

    public bool Contains(float value) => value >= Min && value <= Max;

    /// <summary>Finds the bin of a value within min and max. Never falls while values rise.</summary>
    public int BinOf(float value) => (int)Math.Min(((double)value - Min) * PerUnit, Bins - 1);

    /// <summary>Finds the smallest float that lies in a bin or in a later one; the one after max when there is none.</summary>
    public float StartOf(int bin)
    {
        (long first, long end) = (Ordered(BitConverter.SingleToInt32Bits(Min)), Ordered(BitConverter.SingleToInt32Bits(Max)) + 1L);
        while (first < end)
        {
            long middle = (first + end) >> 1;
            if (BinOf(FloatAt(middle)) >= bin)
                end = middle;
            else
                first = middle + 1;
        }

        return FloatAt(first);
    }

    private static float FloatAt(long place) => BitConverter.Int32BitsToSingle(Ordered((int)place));

    // From a float's bits to its place among all floats, and back: those of negative numbers are in the opposite order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Ordered(int bits) => bits ^ ((bits >> 31) & int.MaxValue);
}

/// <summary>Counts of many values in bins. Values outside of all bins, and NaN, are not counted.</summary>
internal readonly ref struct BinCounts : IDisposable
{
    // Take turns: a processor waits when it counts the same bin twice in a row, and zeros come in rows.
    private const int Tables = 4;

    private readonly BinScale _scale;
    private readonly int[] _rented;

    public BinCounts(ReadOnlySpan<float> values, BinScale scale)
    {
        _scale = scale;
        _rented = ArrayPool<int>.Shared.Rent(Tables * scale.Bins);
        Span<int> tables = _rented.AsSpan(0, Tables * scale.Bins), counts = tables[..scale.Bins];
        tables.Clear();
        Count(values, scale, tables);
        for (int table = 1; table < Tables; table++)
            TensorPrimitives.Add(counts, tables.Slice(table * scale.Bins, scale.Bins), counts);
        OfBins = counts;
        Total = TensorPrimitives.Sum(OfBins);
    }

    public ReadOnlySpan<int> OfBins { get; }

    /// <summary>Number of values that were counted.</summary>
    public int Total { get; }

    /// <summary>Joins neighbouring bins to a histogram.</summary>
    /// <param name="bins">Number of its bins: that of the counts, divided by a power of 2.</param>
    public Histogram ToHistogram(int bins)
    {
        long[] coarse = new long[bins];
        int share = OfBins.Length / bins;
        for (int i = 0; i < coarse.Length; i++)
            coarse[i] = TensorPrimitives.Sum(OfBins.Slice(i * share, share));
        return new Histogram(_scale.Min, _scale.Max, coarse);
    }

    public void Dispose() => ArrayPool<int>.Shared.Return(_rented);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Count(ReadOnlySpan<float> values, BinScale scale, Span<int> tables)
    {
        // A double of this size has no fraction: its lower bits are the whole number that was added to it.
        var whole = new Vector<double>(1L << 52);
        int bins = scale.Bins;
        var last = new Vector<double>(bins - 1);
        var (low, high) = (new Vector<float>(scale.Min), new Vector<float>(scale.Max));
        var (origin, perUnit) = (new Vector<double>(scale.Min), new Vector<double>(scale.PerUnit));
        Span<int> a = tables[..bins], b = tables.Slice(bins, bins), c = tables.Slice(2 * bins, bins), d = tables.Slice(3 * bins, bins);
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (Vector<float> vector in vectors)
        {
            if ((Vector.GreaterThanOrEqual(vector, low) & Vector.LessThanOrEqual(vector, high)) != Vector<int>.AllBitsSet)
            {
                for (int lane = 0; lane < Vector<float>.Count; lane++)
                    if (scale.Contains(vector[lane]))
                        a[scale.BinOf(vector[lane])]++;
                continue;
            }

            Vector.Widen(vector, out Vector<double> first, out Vector<double> second);
            Vector<ulong> even = Vector.AsVectorUInt64(Vector.Floor(Vector.MinNative((first - origin) * perUnit, last)) + whole);
            Vector<ulong> odd = Vector.AsVectorUInt64(Vector.Floor(Vector.MinNative((second - origin) * perUnit, last)) + whole);
            for (int lane = 0; lane < Vector<ulong>.Count; lane += 2)
            {
                a[(int)even[lane]]++;
                b[(int)even[lane + 1]]++;
                c[(int)odd[lane]]++;
                d[(int)odd[lane + 1]]++;
            }
        }

        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
            if (scale.Contains(value))
                a[scale.BinOf(value)]++;
    }
}
