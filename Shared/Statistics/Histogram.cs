namespace CnnOnnx.Statistics;

/// <summary>How many values lie where: bins of equal width from <see cref="Min"/> to <see cref="Max"/>.</summary>
public sealed record Histogram(float Min, float Max, long[] Counts)
{
    public const int DefaultBins = 64;

    /// <summary>
    /// Counts the values from min to max, both included; others, and NaN, are in no bin. Where min equals max, everything
    /// is in the first bin.
    /// </summary>
    public static Histogram Of(ReadOnlySpan<float> values, float min, float max, int bins = DefaultBins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        using var counts = new BinCounts(values, new BinScale(min, max, bins));
        return counts.ToHistogram(bins);
    }
}
