namespace CnnOnnx.Statistics;

/// <summary>Counts and bounds of one channel over many pictures: whole numbers and comparisons, whose order never counts.</summary>
internal record struct ChannelTotals
{
    /// <summary>Number of all values.</summary>
    public long Count;

    /// <summary>Number of values that are NaN, +∞, −∞.</summary>
    public long Nan, Positive, Negative;

    /// <summary>Number of values that are 0.</summary>
    public long Zeros;

    /// <summary>Number of values at a bound of the operation.</summary>
    public long Saturated;

    /// <summary>Smallest and largest finite value; +∞ and −∞ while there is none.</summary>
    public float Min, Max;

    /// <summary>Makes totals of nothing.</summary>
    public ChannelTotals() => (Min, Max) = (float.PositiveInfinity, float.NegativeInfinity);

    /// <summary>Number of finite values.</summary>
    public readonly long Finite => Count - Nan - Positive - Negative;

    /// <summary>Makes the totals of one map.</summary>
    /// <param name="facts">Statistics of its values.</param>
    /// <param name="saturated">Number of values at a bound of the operation.</param>
    public static ChannelTotals Of(in TensorStatistics facts, int saturated) => new()
    {
        Count = facts.Count,
        Nan = facts.NanCount,
        Positive = facts.PositiveInfinityCount,
        Negative = facts.NegativeInfinityCount,
        Zeros = (long)Math.Round(facts.ZeroShare * facts.Count),
        Saturated = saturated,
        Min = facts.FiniteCount == 0 ? float.PositiveInfinity : facts.Min,
        Max = facts.FiniteCount == 0 ? float.NegativeInfinity : facts.Max,
    };

    /// <summary>Adds the totals of other values.</summary>
    public void Add(in ChannelTotals other)
    {
        Count += other.Count;
        Nan += other.Nan;
        Positive += other.Positive;
        Negative += other.Negative;
        Zeros += other.Zeros;
        Saturated += other.Saturated;
        (Min, Max) = (Math.Min(Min, other.Min), Math.Max(Max, other.Max));
    }

    /// <summary>Makes statistics of the totals and the two numbers whose order counts.</summary>
    /// <param name="mean">Mean of the finite values.</param>
    /// <param name="std">Standard deviation of the finite values.</param>
    public readonly TensorStatistics With(double mean, double std) => new()
    {
        Count = Count,
        Min = Finite == 0 ? float.NaN : Min,
        Max = Finite == 0 ? float.NaN : Max,
        Mean = Finite == 0 ? double.NaN : mean,
        Std = Finite == 0 ? double.NaN : std,
        ZeroShare = Count == 0 ? 0 : (double)Zeros / Count,
        NanCount = Nan,
        PositiveInfinityCount = Positive,
        NegativeInfinityCount = Negative,
    };
}
