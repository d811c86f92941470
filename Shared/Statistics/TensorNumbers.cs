using CnnOnnx.Tensors;

namespace CnnOnnx.Statistics;

/// <summary>What is measured of a tensor: together and for each channel. A channel is what a tile of the mosaic shows.</summary>
/// <param name="Whole">Of all elements.</param>
/// <param name="Channels">Over all samples of the batch.</param>
/// <param name="Percentiles">At <see cref="Percentages"/>, of the finite values.</param>
/// <param name="Histogram">From the smallest to the largest finite value; null when there is none.</param>
internal sealed record TensorNumbers(TensorStatistics Whole, TensorStatistics[] Channels, double[] Percentiles, Histogram? Histogram)
{
    public static double[] Percentages { get; } = [1, 5, 25, 50, 75, 95, 99];

    /// <param name="values">All elements.</param>
    /// <param name="shape">Axes of the tensor, read as <see cref="FeatureMaps"/> reads them.</param>
    /// <param name="layout">Axis of the channels.</param>
    public static TensorNumbers Of(ReadOnlySpan<float> values, TensorShape shape, ChannelLayout layout = ChannelLayout.First)
    {
        TensorStatistics[] channels = EachChannel(values, shape, layout, TensorStatistics.From);
        // What is known of the parts gives the whole.
        var whole = TensorStatistics.Merge(channels);
        return new TensorNumbers(whole, channels, Distribution.Of(values, whole.Min, whole.Max, Percentages));
    }

    /// <summary>The same of 8-bit numbers as of these numbers as floats, two to four times as fast.</summary>
    public static TensorNumbers Of(
        ReadOnlySpan<byte> bytes, ByteLevels levels, TensorShape shape, ChannelLayout layout = ChannelLayout.First)
    {
        TensorStatistics[] channels = EachChannel(bytes, shape, layout, channel => ByteStatistics.Of(channel, levels));
        var whole = TensorStatistics.Merge(channels);
        return new TensorNumbers(whole, channels, ByteStatistics.DistributionOf(bytes, levels, whole.Min, whole.Max, Percentages));
    }

    private TensorNumbers(TensorStatistics whole, TensorStatistics[] channels, Distribution distribution)
        : this(whole, channels, distribution.Percentiles, distribution.Histogram)
    {
    }

    private static TensorStatistics[] EachChannel<T>(
        ReadOnlySpan<T> values, TensorShape shape, ChannelLayout layout, Func<ReadOnlySpan<T>, TensorStatistics> measure) where T : unmanaged
    {
        var maps = FeatureMaps.Of(values.Length, shape, 0, layout);
        int samples = maps.Length == 0 ? 0 : values.Length / maps.Length;
        var parts = new TensorStatistics[maps.Count][];
        foreach (ref TensorStatistics[] part in parts.AsSpan())
            part = new TensorStatistics[samples];
        for (int sample = 0; sample < samples; sample++)
        {
            ReadOnlySpan<T> planes = (maps with { Offset = sample * maps.Length }).Planes(values);
            for (int channel = 0; channel < parts.Length; channel++)
                parts[channel][sample] = measure(planes.Slice(channel * maps.Area, maps.Area));
        }

        return Array.ConvertAll(parts, of => of.Length == 1 ? of[0] : TensorStatistics.Merge(of));
    }
}
