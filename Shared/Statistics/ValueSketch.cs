using System.Runtime.InteropServices;
using CnnOnnx.Files;

namespace CnnOnnx.Statistics;

/// <summary>
/// Counts of finite values in bins that are the same for everybody: each power of two is cut into 16 equal ones, on both sides of 0.
/// Counting needs no range beforehand, sums of counts do not depend on their order, and a quantile is off by no more than 1/32 of its
/// value, whatever the values are and however many.
/// </summary>
internal sealed class ValueSketch
{
    /// <summary>Number of bins: sign, exponent and the first bits of the fraction of a float, read as one number.</summary>
    public const int Bins = 1 << (sizeof(float) * 8 - Dropped);

    // Bits of the fraction that a bin does not tell.
    private const int FractionBits = 23, KeptBits = 4, Dropped = FractionBits - KeptBits;
    private const int Half = Bins / 2, FirstNonFinite = 255 << KeptBits;

    private readonly long[] _counts = new long[Bins];

    /// <summary>Number of values in a bin.</summary>
    public long this[int bin] => _counts[bin];

    /// <summary>Number of all values.</summary>
    public long Count => _counts.Sum();

    /// <summary>Counts values; NaN and infinities are left out.</summary>
    public static SketchedValues Of(ReadOnlySpan<float> values)
    {
        // Two tables take turns: a processor waits when it counts the same bin twice in a row, and zeros come in rows.
        int[] even = new int[Bins], odd = new int[Bins];
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        int i = 0;
        for (; i + 1 < bits.Length; i += 2)
        {
            even[bits[i] >> Dropped]++;
            odd[bits[i + 1] >> Dropped]++;
        }

        if (i < bits.Length)
            even[bits[i] >> Dropped]++;
        var bins = new List<ushort>();
        var counts = new List<int>();
        for (int bin = 0; bin < Bins; bin++)
            if (even[bin] + odd[bin] is > 0 and var count && bin % Half < FirstNonFinite)
            {
                bins.Add((ushort)bin);
                counts.Add(count);
            }

        return new SketchedValues([.. bins], [.. counts]);
    }

    /// <summary>Adds the counts of other values.</summary>
    public void Add(SketchedValues values)
    {
        for (int i = 0; i < values.Bins.Length; i++)
            _counts[values.Bins[i] % Bins] += values.Counts[i];
    }

    /// <summary>Adds the counts of other values.</summary>
    public void Add(ValueSketch other)
    {
        for (int bin = 0; bin < Bins; bin++)
            _counts[bin] += other._counts[bin];
    }

    /// <summary>Estimates the value below which a share of all lies.</summary>
    /// <param name="share">0 to 1.</param>
    /// <param name="min">Smallest value, which no quantile is below.</param>
    /// <param name="max">Largest value.</param>
    /// <returns>NaN when there are no values.</returns>
    public double Quantile(double share, float min, float max)
    {
        long all = Count;
        if (all == 0)
            return double.NaN;
        long rank = (long)(share * (all - 1));
        // From −∞ to 0, and from there up.
        for (int bin = Bins - 1; bin >= Half; bin--)
            if ((rank -= _counts[bin]) < 0)
                return Math.Clamp(MiddleOf(bin), min, max);
        for (int bin = 0; bin < Half; bin++)
            if ((rank -= _counts[bin]) < 0)
                return Math.Clamp(MiddleOf(bin), min, max);
        return max;
    }

    /// <summary>Writes the bins that hold values.</summary>
    public void Write(BinaryWriter writer)
    {
        int[] used = [.. Enumerable.Range(0, Bins).Where(bin => _counts[bin] != 0)];
        writer.Write(used.Length);
        writer.WriteArray<ushort>([.. used.Select(bin => (ushort)bin)]);
        writer.WriteArray<long>([.. used.Select(bin => _counts[bin])]);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static ValueSketch Read(BinaryReader reader)
    {
        int used = reader.ReadInt32();
        (ushort[] bins, long[] counts) = (reader.ReadArray<ushort>(used), reader.ReadArray<long>(used));
        var sketch = new ValueSketch();
        for (int i = 0; i < used; i++)
            sketch._counts[bins[i] % Bins] = counts[i];
        return sketch;
    }

    // The bin at 0 holds 0 and numbers that are next to nothing.
    private static double MiddleOf(int bin)
    {
        if (bin % Half == 0)
            return 0;
        float from = BitConverter.UInt32BitsToSingle((uint)bin << Dropped);
        float to = BitConverter.UInt32BitsToSingle(((uint)bin << Dropped) + (1u << Dropped) - 1);
        return ((double)from + to) / 2;
    }
}

/// <summary>Counts of a few values by their bins of <see cref="ValueSketch"/>.</summary>
/// <param name="Bins">Bins with values, rising.</param>
/// <param name="Counts">Number of values in each.</param>
internal readonly record struct SketchedValues(ushort[] Bins, int[] Counts)
{
    /// <summary>No values.</summary>
    public static SketchedValues None { get; } = new([], []);
}
