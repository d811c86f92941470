using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CnnOnnx.Tensors;

namespace CnnOnnx.Statistics;

/// <summary>How many of a tensor's 8-bit numbers are which. There are 256, so all that asks for an order is in these counts.</summary>
internal readonly ref struct ByteCounts
{
    // Take turns: a processor waits when it counts the same byte twice in a row, and zeros come in rows.
    private const int Tables = 4;

    private readonly ByteLevels _levels;
    private readonly ReadOnlySpan<int> _counts;

    public ByteCounts(ReadOnlySpan<byte> bytes, ByteLevels levels)
    {
        _levels = levels;
        int[] tables = new int[Tables * ByteLevels.Count];
        Count(bytes, tables);
        int[] counts = new int[ByteLevels.Count];
        for (int i = 0; i < tables.Length; i++)
            counts[(i % ByteLevels.Count) ^ levels.Flip] += tables[i];
        _counts = counts;
        Total = bytes.Length;
    }

    public int Total { get; }

    /// <inheritdoc cref="Percentiles.Of"/>
    public double[] PercentilesOf(ReadOnlySpan<double> percentages)
    {
        double[] results = new double[percentages.Length];
        Array.Fill(results, double.NaN);
        for (int i = 0; i < results.Length && Total > 0; i++)
        {
            var position = PercentilePosition.Of(percentages[i], Total);
            results[i] = position.Between(At(position.Rank), At(position.Next));
        }

        return results;
    }

    /// <inheritdoc cref="Histogram.Of"/>
    public Histogram ToHistogram(float min, float max, int bins = Histogram.DefaultBins)
    {
        var scale = new BinScale(min, max, bins);
        long[] counts = new long[bins];
        for (int level = 0; level < _counts.Length; level++)
            if (scale.Contains(_levels.ValueOf(level)))
                counts[scale.BinOf(_levels.ValueOf(level))] += _counts[level];
        return new Histogram(min, max, counts);
    }

    private float At(int rank) => _levels.ValueOf(RankedCounts.Find(_counts, rank).Place);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Count(ReadOnlySpan<byte> bytes, Span<int> tables)
    {
        Span<int> a = tables[..ByteLevels.Count], b = tables.Slice(ByteLevels.Count, ByteLevels.Count);
        Span<int> c = tables.Slice(2 * ByteLevels.Count, ByteLevels.Count), d = tables.Slice(3 * ByteLevels.Count, ByteLevels.Count);
        ReadOnlySpan<ulong> eights = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong eight in eights)
        {
            a[(byte)eight]++;
            b[(byte)(eight >> 8)]++;
            c[(byte)(eight >> 16)]++;
            d[(byte)(eight >> 24)]++;
            a[(byte)(eight >> 32)]++;
            b[(byte)(eight >> 40)]++;
            c[(byte)(eight >> 48)]++;
            d[(byte)(eight >> 56)]++;
        }

        foreach (byte value in bytes[(eights.Length * sizeof(ulong))..])
            a[value]++;
    }
}
