using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CnnOnnx.Statistics;

namespace CnnOnnx.Rendering;

/// <summary>
/// Range and count of a map's values, needed before it is drawn. The range is that of the finite values. A pass without sums takes 60 %
/// of the time of one for <see cref="TensorStatistics"/>, and pictures are drawn without statistics, too.
/// </summary>
internal readonly record struct MapFacts(ValueRange Range, long Count, long NanCount, long InfinityCount)
{
    // The range of nothing: whatever is merged with it wins.
    private static readonly ValueRange Nothing = new(float.PositiveInfinity, float.NegativeInfinity);

    public static MapFacts Empty { get; } = new(Nothing, 0, 0, 0);

    public long NonFiniteCount => NanCount + InfinityCount;

    public bool HasFinite => NonFiniteCount < Count;

    /// <summary>True for more than one value, all the same.</summary>
    public bool IsConstant => Count > 1 && NonFiniteCount == 0 && Range.Min == Range.Max;

    // Called few times with much to do each time: compiled to its best from the first call on.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static MapFacts Of(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var min = new Vector<float>(float.PositiveInfinity);
        var max = new Vector<float>(float.NegativeInfinity);
        // 0 times a finite number is 0; times anything else it is NaN, and stays so in the sum.
        Vector<float> trace = Vector<float>.Zero;
        foreach (Vector<float> vector in vectors)
        {
            min = Vector.MinNative(min, vector);
            max = Vector.MaxNative(max, vector);
            trace += vector * Vector<float>.Zero;
        }

        float low = float.PositiveInfinity, high = float.NegativeInfinity, rest = Vector.Sum(trace);
        for (int i = 0; i < Vector<float>.Count; i++)
            (low, high) = (Math.Min(low, min[i]), Math.Max(high, max[i]));
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
            rest += value * 0;
        }

        return rest == 0 ? new MapFacts(new ValueRange(low, high), values.Length, 0, 0) : OfNonFinite(values);
    }

    public MapFacts Merge(MapFacts other) => new(
        new ValueRange(Math.Min(Range.Min, other.Range.Min), Math.Max(Range.Max, other.Range.Max)),
        Count + other.Count,
        NanCount + other.NanCount,
        InfinityCount + other.InfinityCount);

    /// <summary>Counts NaN and infinities in words; empty when all values are finite.</summary>
    public string DescribeNonFinite() =>
        NonFiniteCount == 0 ? ""
        : (NanCount, InfinityCount) switch
        {
            (0, _) => $"{InfinityCount} Inf (checkered)",
            (_, 0) => $"{NanCount} NaN (checkered)",
            _ => $"{NanCount} NaN, {InfinityCount} Inf (checkered)",
        };

    private static MapFacts OfNonFinite(ReadOnlySpan<float> values)
    {
        TensorStatistics all = TensorStatistics.From(values);
        long infinite = all.PositiveInfinityCount + all.NegativeInfinityCount;
        bool hasFinite = all.NanCount + infinite < all.Count;
        return new MapFacts(hasFinite ? new ValueRange(all.Min, all.Max) : Nothing, all.Count, all.NanCount, infinite);
    }
}

/// <summary>Facts about the maps of a layer together, and how the legend tells them.</summary>
/// <param name="All">Facts of all values.</param>
/// <param name="Maps">Number of maps.</param>
/// <param name="Constant">Number of maps whose values are all the same.</param>
/// <param name="Odd">Number of maps with NaN or infinite values.</param>
internal readonly record struct LayerRange(MapFacts All, int Maps, int Constant, int Odd)
{
    public static LayerRange Of(ReadOnlySpan<MapFacts> maps)
    {
        MapFacts all = MapFacts.Empty;
        (int constant, int odd) = (0, 0);
        foreach (MapFacts map in maps)
        {
            all = all.Merge(map);
            constant += map.IsConstant ? 1 : 0;
            odd += map.NonFiniteCount > 0 ? 1 : 0;
        }

        return new LayerRange(all, maps.Length, constant, odd);
    }

    /// <summary>Makes the legend of a picture of the layer.</summary>
    /// <param name="title">First line.</param>
    /// <param name="remarks">Further words; empty ones are left out.</param>
    /// <param name="rule">Scale mode of the picture.</param>
    /// <param name="range">Range of values that the scale spans.</param>
    public Legend Describe(string title, IEnumerable<string> remarks, ScaleRule rule, ValueRange range)
    {
        if (!All.HasFinite)
            return new Legend(title, [.. remarks, DescribeOdd()], null);
        bool isSaid = rule.SaysRange && range == All.Range;
        return new Legend(
            title,
            [.. remarks, rule.Remark, isSaid ? "" : $"layer {All.Range.Short}", DescribeConstant(), DescribeOdd()],
            rule.Labels(range));
    }

    private string DescribeConstant() =>
        Constant == 0 ? ""
        : Maps == 1 ? "constant"
        : Constant == Maps ? "all maps constant"
        : $"{Constant} {(Constant == 1 ? "map" : "maps")} constant";

    private string DescribeOdd() =>
        Odd == 0 ? "" : $"{All.DescribeNonFinite()}{(Maps == 1 ? "" : $" in {Odd} of {Maps} maps")}";
}
