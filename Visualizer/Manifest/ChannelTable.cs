using CnnOnnx.Statistics;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>The numbers of a tensor's channels, a column for each kind, so that they stay short in the manifest.</summary>
/// <param name="Min">Of the finite values, as are max, mean and std.</param>
/// <param name="Zeros">Share of zeros, 0 to 1.</param>
/// <param name="Nan">Null when no channel has any.</param>
/// <param name="Inf">Of either sign; null when no channel has any.</param>
internal sealed record ChannelTable(
    ChannelColumn Min, ChannelColumn Max, ChannelColumn Mean, ChannelColumn Std, ChannelColumn Zeros, long[]? Nan, long[]? Inf)
{
    public int Count => Min.Count;

    public static ChannelTable Of(TensorStatistics[] channels) => new(
        Column(channels, c => c.Min), Column(channels, c => c.Max), Column(channels, c => c.Mean), Column(channels, c => c.Std),
        Column(channels, c => c.ZeroShare),
        Counts(channels, c => c.NanCount), Counts(channels, c => c.PositiveInfinityCount + c.NegativeInfinityCount));

    private static ChannelColumn Column(TensorStatistics[] channels, Func<TensorStatistics, double> value) =>
        Array.ConvertAll(channels, c => (float)value(c));

    private static long[]? Counts(TensorStatistics[] channels, Func<TensorStatistics, long> value) =>
        channels.Any(c => value(c) > 0) ? Array.ConvertAll(channels, c => value(c)) : null;
}
