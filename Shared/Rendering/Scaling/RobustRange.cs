using System.Buffers;
using CnnOnnx.Statistics;

namespace CnnOnnx.Rendering;

/// <summary>Range of a map from its 1st to its 99th percentile: single outliers do not darken the rest.</summary>
internal static class RobustRange
{
    private const double Low = 0.01, High = 0.99;

    // Of larger maps so many values are looked at, spread evenly: enough for a hundredth, and maps are many.
    private const int MostSampled = 1 << 12;

    // Values are counted in as many bins, and only those in the bin of a percentile are compared with one another.
    private const int Bins = 256, Few = 64;

    /// <summary>Finds the range; where both percentiles are the same value, as in maps of mostly zeros, the map's own range.</summary>
    /// <param name="map">All values of a map; those that are not finite are passed over.</param>
    /// <param name="own">Range of its finite values.</param>
    public static ValueRange Of(ReadOnlySpan<float> map, ValueRange own)
    {
        if (!(own.Max > own.Min))
            return own;
        // An odd step visits all columns of maps whose width is a power of 2.
        int step = map.Length <= MostSampled ? 1 : (map.Length / MostSampled) | 1;
        float[] rented = ArrayPool<float>.Shared.Rent((map.Length - 1) / step + 1);
        int count = 0;
        for (int i = 0; i < map.Length; i += step)
        {
            rented[count] = map[i];
            count += float.IsFinite(map[i]) ? 1 : 0;
        }

        ValueRange range = count == 0 ? own : Of(rented.AsSpan(0, count), own.Min, (Bins - 0.5f) / (own.Max - own.Min));
        ArrayPool<float>.Shared.Return(rented);
        return range.Max > range.Min ? range : own;
    }

    private static ValueRange Of(Span<float> kept, float min, float factor)
    {
        (int low, int high) = ((int)(Low * (kept.Length - 1)), (int)Math.Ceiling(High * (kept.Length - 1)));
        // The widest range has no factor.
        if (kept.Length < Few || !float.IsNormal(factor))
            return new ValueRange(Distribution.Select(kept, low), Distribution.Select(kept, high));
        byte[] bins = ArrayPool<byte>.Shared.Rent(kept.Length);
        float[] members = ArrayPool<float>.Shared.Rent(kept.Length);
        Span<int> counts = stackalloc int[Bins];
        counts.Clear();
        // A larger value is never in a lower bin, rounding or not.
        for (int i = 0; i < kept.Length; i++)
            counts[bins[i] = (byte)((kept[i] - min) * factor)]++;
        var range = new ValueRange(At(low, kept, bins, counts, members), At(high, kept, bins, counts, members));
        ArrayPool<byte>.Shared.Return(bins);
        ArrayPool<float>.Shared.Return(members);
        return range;
    }

    // The value with a rank among all: one of those in the bin where the counts reach it.
    private static float At(int rank, ReadOnlySpan<float> kept, byte[] bins, ReadOnlySpan<int> counts, float[] members)
    {
        int bin = 0;
        for (; counts[bin] <= rank; bin++)
            rank -= counts[bin];
        int count = 0;
        (float least, float most) = (float.PositiveInfinity, float.NegativeInfinity);
        for (int i = 0; count < counts[bin]; i++)
        {
            if (bins[i] != bin)
                continue;
            members[count++] = kept[i];
            (least, most) = (Math.Min(least, kept[i]), Math.Max(most, kept[i]));
        }

        // As in rectified maps, where most values are zero.
        return least == most ? least : Distribution.Select(members.AsSpan(0, count), rank);
    }
}
