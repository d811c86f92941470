using System.Runtime.CompilerServices;

namespace CnnOnnx.Tensors;

/// <summary>How many values lie where: bins of equal width from <see cref="Min"/> to <see cref="Max"/>.</summary>
public sealed record Histogram(float Min, float Max, long[] Counts)
{
    public const int DefaultBins = 64;

    private const int Tables = 4;

    /// <summary>
    /// Counts the values from min to max, both included; others, and NaN, are in no bin. Where min equals max, everything
    /// is in the first bin.
    /// </summary>
    public static Histogram Of(ReadOnlySpan<float> values, float min, float max, int bins = DefaultBins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        double perUnit = max > min ? bins / ((double)max - min) : 0;
        // Four tables take turns: a processor waits when it counts the same bin twice in a row, and zeros come in rows.
        long[] tables = new long[Tables * bins];
        Count(values, min, max, perUnit, tables);
        long[] counts = tables[..bins];
        for (int i = bins; i < tables.Length; i++)
            counts[i % bins] += tables[i];
        return new Histogram(min, max, counts);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Count(ReadOnlySpan<float> values, float min, float max, double perUnit, long[] tables)
    {
        int bins = tables.Length / Tables;
        for (int i = 0; i < values.Length; i++)
        {
            float value = values[i];
            if (value >= min && value <= max)
                tables[(i & (Tables - 1)) * bins + Math.Min((int)(((double)value - min) * perUnit), bins - 1)]++;
        }
    }
}
