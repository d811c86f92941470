using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnOnnx.Tensors;

/// <summary>How many values lie where: bins of equal width from <see cref="Min"/> to <see cref="Max"/>.</summary>
public sealed record Histogram(float Min, float Max, long[] Counts)
{
    public const int DefaultBins = 64;

    // Take turns: a processor waits when it counts the same bin twice in a row, and zeros come in rows.
    private const int Tables = 4;

    /// <summary>
    /// Counts the values from min to max, both included; others, and NaN, are in no bin. Where min equals max, everything
    /// is in the first bin.
    /// </summary>
    public static Histogram Of(ReadOnlySpan<float> values, float min, float max, int bins = DefaultBins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        double perUnit = max > min ? bins / ((double)max - min) : 0;
        int[] tables = new int[Tables * bins];
        Count(values, min, max, perUnit, tables);
        long[] counts = new long[bins];
        for (int i = 0; i < tables.Length; i++)
            counts[i % bins] += tables[i];
        return new Histogram(min, max, counts);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Count(ReadOnlySpan<float> values, float min, float max, double perUnit, int[] tables)
    {
        // A double of this size has no fraction: its lower bits are the whole number that was added to it.
        var whole = new Vector<double>(1L << 52);
        int bins = tables.Length / Tables;
        var last = new Vector<double>(bins - 1);
        var (low, high) = (new Vector<float>(min), new Vector<float>(max));
        var (origin, scale) = (new Vector<double>(min), new Vector<double>(perUnit));
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (Vector<float> vector in vectors)
        {
            if (!Vector.GreaterThanOrEqualAll(vector, low) || !Vector.LessThanOrEqualAll(vector, high))
            {
                for (int lane = 0; lane < Vector<float>.Count; lane++)
                    Count(vector[lane]);
                continue;
            }

            Vector.Widen(vector, out Vector<double> first, out Vector<double> second);
            Vector<long> even = Vector.AsVectorInt64(Vector.Floor(Vector.MinNative((first - origin) * scale, last)) + whole);
            Vector<long> odd = Vector.AsVectorInt64(Vector.Floor(Vector.MinNative((second - origin) * scale, last)) + whole);
            for (int lane = 0; lane < Vector<long>.Count; lane++)
            {
                tables[(lane & 1) * bins + (int)even[lane]]++;
                tables[(2 + (lane & 1)) * bins + (int)odd[lane]]++;
            }
        }

        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
            Count(value);

        void Count(float value)
        {
            if (value >= min && value <= max)
                tables[Math.Min((int)(((double)value - min) * perUnit), bins - 1)]++;
        }
    }
}
