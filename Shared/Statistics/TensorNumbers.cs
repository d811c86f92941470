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
    /// <param name="shape">See <see cref="FeatureMaps.Of(int, TensorShape, int)"/>.</param>
    public static TensorNumbers Of(ReadOnlySpan<float> values, TensorShape shape)
    {
        TensorStatistics[] channels = EachChannel(values, shape, TensorStatistics.From);
        // What is known of the parts gives the whole.
        var whole = TensorStatistics.Merge(channels);
        return new TensorNumbers(whole, channels, Distribution.Of(values, whole.Min, whole.Max, Percentages));
    }

    /// <summary>The same of 8-bit numbers as of these numbers as floats, two to four times as fast.</summary>
    public static TensorNumbers Of(ReadOnlySpan<byte> bytes, ByteLevels levels, TensorShape shape)
    {
        TensorStatistics[] channels = EachChannel(bytes, shape, channel => ByteStatistics.Of(channel, levels));
        var whole = TensorStatistics.Merge(channels);
        return new TensorNumbers(whole, channels, ByteStatistics.DistributionOf(bytes, levels, whole.Min, whole.Max, Percentages));
    }

    private TensorNumbers(TensorStatistics whole, TensorStatistics[] channels, Distribution distribution)
        : this(whole, channels, distribution.Percentiles, distribution.Histogram)
    {
    }

    private static TensorStatistics[] EachChannel<T>(ReadOnlySpan<T> values, TensorShape shape, Func<ReadOnlySpan<T>, TensorStatistics> measure)
    {
        var maps = FeatureMaps.Of(values.Length, shape, 0);
        int samples = maps.Length == 0 ? 0 : values.Length / maps.Length;
        var channels = new TensorStatistics[maps.Count];
        var parts = new TensorStatistics[samples];
        for (int channel = 0; channel < channels.Length; channel++)
        {
            for (int sample = 0; sample < samples; sample++)
                parts[sample] = measure(values.Slice((sample * maps.Count + channel) * maps.Area, maps.Area));
            channels[channel] = samples == 1 ? parts[0] : TensorStatistics.Merge(parts);
        }

        return channels;
    }
}
