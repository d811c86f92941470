using CnnOnnx.Files;

namespace CnnOnnx.Statistics;

/// <summary>
/// Sums over pictures of a layer's channels that are rounded, so that their order counts: means, squared deviations, and fingerprints.
/// Never changes; two are joined to a third.
/// </summary>
internal sealed class ChannelSums
{
    private readonly long[] _counts;
    private readonly double[] _means;
    private readonly double[] _squares;

    private ChannelSums(long[] counts, double[] means, double[] squares, Fingerprints prints) =>
        (_counts, _means, _squares, Prints) = (counts, means, squares, prints);

    /// <summary>Random sums that tell whether two channels do the same.</summary>
    public Fingerprints Prints { get; }

    /// <summary>Mean of a channel's finite values; 0 when there is none.</summary>
    public double MeanOf(int channel) => _means[channel];

    /// <summary>Standard deviation of a channel's finite values; NaN when there is none.</summary>
    public double StdOf(int channel) => Math.Sqrt(_squares[channel] / _counts[channel]);

    /// <summary>Makes the sums of one picture.</summary>
    /// <param name="facts">Statistics of each channel.</param>
    /// <param name="projected">Dot products of all channels, from <see cref="Projection.Of"/>.</param>
    /// <param name="area">Number of values of a map.</param>
    /// <param name="picture">Number of the picture, from 0, which chooses its weights in the fingerprints.</param>
    public static ChannelSums Of(ReadOnlySpan<TensorStatistics> facts, ReadOnlySpan<float> projected, int area, long picture)
    {
        long[] counts = new long[facts.Length];
        double[] means = new double[facts.Length], squares = new double[facts.Length];
        for (int channel = 0; channel < facts.Length; channel++)
        {
            ref readonly TensorStatistics own = ref facts[channel];
            if ((counts[channel] = own.FiniteCount) > 0)
                (means[channel], squares[channel]) = (own.Mean, own.Std * own.Std * own.FiniteCount);
        }

        return new ChannelSums(counts, means, squares, Fingerprints.Of(projected, area, picture));
    }

    /// <summary>Joins the sums of other pictures of as many channels.</summary>
    public static ChannelSums Join(ChannelSums left, ChannelSums right)
    {
        int channels = left._counts.Length;
        long[] counts = new long[channels];
        double[] means = new double[channels], squares = new double[channels];
        for (int channel = 0; channel < channels; channel++)
        {
            (long before, long more) = (left._counts[channel], right._counts[channel]);
            counts[channel] = before + more;
            (means[channel], squares[channel]) = (before, more) switch
            {
                (_, 0) => (left._means[channel], left._squares[channel]),
                (0, _) => (right._means[channel], right._squares[channel]),
                _ => Moments(left, right, channel),
            };
        }

        return new ChannelSums(counts, means, squares, Fingerprints.Join(left.Prints, right.Prints));
    }

    /// <summary>Writes all numbers.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.WriteArray<long>(_counts);
        writer.WriteArray<double>(_means);
        writer.WriteArray<double>(_squares);
        Prints.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">Stands in front of the numbers.</param>
    /// <param name="channels">Number of channels.</param>
    public static ChannelSums Read(BinaryReader reader, int channels) => new(reader.ReadArray<long>(channels),
        reader.ReadArray<double>(channels), reader.ReadArray<double>(channels), Fingerprints.Read(reader, channels));

    // Chan, Golub, LeVeque 1979: squared deviations of two parts, and those between their means.
    private static (double Mean, double Squares) Moments(ChannelSums left, ChannelSums right, int channel)
    {
        double delta = right._means[channel] - left._means[channel];
        double share = (double)right._counts[channel] / (left._counts[channel] + right._counts[channel]);
        return (left._means[channel] + delta * share,
            left._squares[channel] + right._squares[channel] + delta * delta * left._counts[channel] * share);
    }
}
