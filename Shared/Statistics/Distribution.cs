using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnOnnx.Statistics;

/// <summary>Percentiles and histogram of many values, exactly, with two passes over them and no copy of all of them.</summary>
/// <param name="Percentiles">Of the finite values; NaN when nothing is finite.</param>
/// <param name="Histogram">From the smallest to the largest finite value; null when nothing is finite.</param>
internal sealed record Distribution(double[] Percentiles, Histogram? Histogram)
{
    // Up to so many values, selecting among a copy of them costs less than counting them; than counting keys.
    private const int Few = 1 << 10, FewForKeys = 1 << 13;

    // Of a histogram's bins. A power of 2, by which multiplying loses nothing: the parts of a bin hold what the bin holds.
    private const int Parts = 1 << 6;

    // Of the values, to foretell how many would have to be kept; and how many of these are too many.
    private const int Sample = 1 << 8, TooMany = 3;

    /// <summary>The same as <see cref="Statistics.Percentiles.Of"/>, many times faster where there are many values.</summary>
    public static double[] PercentilesOf(ReadOnlySpan<float> values, params ReadOnlySpan<double> percentages)
    {
        if (values.Length <= Few)
            return Statistics.Percentiles.Of(values, percentages);
        var range = TensorStatistics.From(values);
        return Of(values, range.Min, range.Max, percentages).Percentiles;
    }

    /// <param name="values">All of them, the finite ones and the others.</param>
    /// <param name="min">Of the finite values; NaN when nothing is finite.</param>
    /// <param name="max">Of the finite values.</param>
    /// <param name="percentages">0 to 100.</param>
    public static Distribution Of(ReadOnlySpan<float> values, float min, float max, params ReadOnlySpan<double> percentages)
    {
        if (float.IsNaN(min) || values.Length <= Few)
            return new Distribution(Statistics.Percentiles.Of(values, percentages), float.IsNaN(min) ? null : Histogram.Of(values, min, max));
        using var counts = new BinCounts(values, new BinScale(min, max, Histogram.DefaultBins * Parts));
        return new Distribution(PercentilesOf(values, counts, percentages), counts.ToHistogram(Histogram.DefaultBins));
    }

    private static double[] PercentilesOf(ReadOnlySpan<float> values, BinCounts counts, ReadOnlySpan<double> percentages)
    {
        var positions = new PercentilePosition[percentages.Length];
        for (int i = 0; i < positions.Length; i++)
            positions[i] = PercentilePosition.Of(percentages[i], counts.Total);

        var groups = new List<ValueGroup>();
        foreach (int rank in RanksOutside(groups, positions))
            groups.Add(counts.GroupAt(rank));
        if (HaveManyOthers(groups, values))
        {
            if (values.Length <= FewForKeys)
                return Statistics.Percentiles.Of(values, percentages);
            // A few values far away left the others in few bins. Those that widen as floats do tell them apart.
            using var keys = new FloatKeys(values);
            groups.Clear();
            foreach (int rank in RanksOutside(groups, positions))
                groups.Add(keys.GroupAt(rank));
        }

        Collect(values, [.. groups]);
        return Array.ConvertAll(positions, position => position.Between(At(position.Rank), At(position.Next)));

        float At(int rank) => groups.Find(group => group.Has(rank))!.At(rank);
    }

    // While groups are added, those that are still in none.
    private static IEnumerable<int> RanksOutside(List<ValueGroup> groups, PercentilePosition[] positions) =>
        positions.SelectMany(position => new[] { position.Rank, position.Next }).Where(rank => !groups.Exists(group => group.Has(rank)));

    // Whether so many values are not the first ones of their groups that it costs more to keep them than to make other groups.
    private static bool HaveManyOthers(List<ValueGroup> groups, ReadOnlySpan<float> values)
    {
        int others = 0;
        Span<float> firsts = stackalloc float[groups.Count];
        for (int i = 0; i < firsts.Length; i++)
            firsts[i] = groups[i].First;
        // Odd, so that it is not always the same column of a map.
        int step = values.Length / Sample | 1;
        for (int place = 0; place < values.Length; place += step)
            for (int i = 0; i < firsts.Length; i++)
                if (groups[i].Has(values[place]))
                {
                    firsts[i] = float.IsNaN(firsts[i]) ? values[place] : firsts[i];
                    others += values[place] == firsts[i] ? 0 : 1;
                }

        return others > TooMany;
    }

    // Whole vectors without any value that is in a group and not its first one are passed over: nearly all of them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Collect(ReadOnlySpan<float> values, ValueGroup[] groups)
    {
        Span<Vector<float>> from = stackalloc Vector<float>[groups.Length];
        Span<Vector<float>> to = stackalloc Vector<float>[groups.Length];
        Span<Vector<float>> firsts = stackalloc Vector<float>[groups.Length];
        for (int i = 0; i < groups.Length; i++)
            (from[i], to[i], firsts[i]) = (new Vector<float>(groups[i].From), new Vector<float>(groups[i].To), new Vector<float>(groups[i].First));

        // Two vectors at a time: half as often are the bounds loaded.
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        int done = 0;
        for (; done + 1 < vectors.Length; done += 2)
        {
            Vector<float> even = vectors[done], odd = vectors[done + 1];
            Vector<int> inEven = Vector<int>.Zero, inOdd = Vector<int>.Zero;
            for (int i = 0; i < from.Length; i++)
            {
                inEven |= Others(even, from[i], to[i], firsts[i]);
                inOdd |= Others(odd, from[i], to[i], firsts[i]);
            }

            if ((inEven | inOdd) == Vector<int>.Zero)
                continue;
            for (int lane = 0; lane < Vector<float>.Count; lane++)
            {
                if (inEven[lane] != 0)
                    Meet(groups, even[lane], firsts);
                if (inOdd[lane] != 0)
                    Meet(groups, odd[lane], firsts);
            }
        }

        foreach (float value in values[(done * Vector<float>.Count)..])
            Meet(groups, value, firsts);

        static Vector<int> Others(Vector<float> values, Vector<float> from, Vector<float> to, Vector<float> first) =>
            Vector.AndNot(Vector.GreaterThanOrEqual(values, from) & Vector.LessThan(values, to), Vector.Equals(values, first));
    }

    private static void Meet(ValueGroup[] groups, float value, Span<Vector<float>> firsts)
    {
        for (int i = 0; i < groups.Length; i++)
        {
            if (!groups[i].Has(value))
                continue;
            groups[i].Meet(value);
            firsts[i] = new Vector<float>(groups[i].First);
            return;
        }
    }
}
