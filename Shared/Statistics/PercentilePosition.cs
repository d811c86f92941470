namespace CnnOnnx.Statistics;

/// <summary>Where a percentile lies among sorted values: at one of them, or between two neighbours.</summary>
/// <param name="Rank">Of the value at it or below, from 0.</param>
/// <param name="Next">The rank after it; the same at the end.</param>
/// <param name="Share">0 to 1: how far from the one to the other.</param>
internal readonly record struct PercentilePosition(int Rank, int Next, double Share)
{
    /// <param name="percentage">0 to 100.</param>
    /// <param name="count">Of values; at least 1.</param>
    public static PercentilePosition Of(double percentage, int count)
    {
        double position = percentage / 100 * (count - 1);
        int rank = (int)position;
        return new PercentilePosition(rank, Math.Min(count - 1, rank + 1), position - rank);
    }

    /// <summary>Linear interpolation between neighbours, as NumPy's default does it.</summary>
    public double Between(float value, float next) => value + ((double)next - value) * Share;
}
