using System.Buffers;
using CnnOnnx.Statistics;

namespace CnnOnnx.Rendering;

/// <summary>Range of a map from its 1st to its 99th percentile: single outliers do not darken the rest.</summary>
internal static class RobustRange
{
    private const double Low = 0.01, High = 0.99;

    // Of larger maps so many values are looked at, spread evenly: enough for a hundredth, and maps are many.
    private const int MostSampled = 1 << 12;

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
            if (float.IsFinite(map[i]))
                rented[count++] = map[i];
        var range = own;
        if (count > 0)
        {
            Span<float> kept = rented.AsSpan(0, count);
            float low = Distribution.Select(kept, (int)(Low * (count - 1)));
            float high = Distribution.Select(kept, (int)Math.Ceiling(High * (count - 1)));
            range = high > low ? new ValueRange(low, high) : own;
        }

        ArrayPool<float>.Shared.Return(rented);
        return range;
    }
}
