using System.Runtime.Intrinsics;

namespace CnnOnnx.Statistics;

/// <summary>
/// A few random numbers for each channel of a layer that tell whether two channels do the same, without keeping their maps.
/// Each is a random linear function of all values that the channel ever had: the dot product of each map with a random
/// vector, weighted at random for each picture and added up. Equal channels have equal fingerprints. With the channel's mean
/// taken off and divided by its standard deviation, so have channels that are a·x + b of one another, up to the sign of a
/// (Johnson and Lindenstrauss 1984: distances survive random projections).
/// </summary>
internal sealed class Fingerprints(int channels)
{
    public const int Length = Projection.Count;

    private const int Seed = 20240229;

    private readonly double[] _sums = new double[channels * Length];
    private readonly double[] _sumsOfOnes = new double[Length];

    public ReadOnlySpan<double> Of(int channel) => _sums.AsSpan(channel * Length, Length);

    /// <param name="projected">Dot products of all channels, from <see cref="Projection.Of"/>.</param>
    /// <param name="area">Number of values of a map.</param>
    /// <param name="picture">Index of the picture, from 0, which chooses its weights.</param>
    public void Add(ReadOnlySpan<float> projected, int area, int picture)
    {
        var random = new Random(unchecked(Seed + picture));
        Vector256<float> ones = Projection.OfOnes(area);
        Span<double> weights = stackalloc double[Length];
        for (int k = 0; k < Length; k++)
        {
            weights[k] = 2 * random.NextDouble() - 1;
            _sumsOfOnes[k] += weights[k] * ones[k];
        }

        for (int i = 0; i < projected.Length; i++)
            _sums[i] += weights[i % Length] * projected[i];
    }

    /// <summary>Brings a channel's fingerprint to mean 0 and spread 1.</summary>
    public double[] Standardized(int channel, double mean, double std)
    {
        double[] standard = Of(channel).ToArray();
        for (int k = 0; k < Length; k++)
            standard[k] = (standard[k] - mean * _sumsOfOnes[k]) / std;
        return standard;
    }
}
