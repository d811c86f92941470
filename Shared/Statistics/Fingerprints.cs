using System.Runtime.Intrinsics;
using CnnOnnx.Files;

namespace CnnOnnx.Statistics;

/// <summary>
/// A few random numbers for each channel of a layer that tell whether two channels do the same, without keeping their maps.
/// Each is a random linear function of all values that the channel ever had: the dot product of each map with a random
/// vector, weighted at random for each picture and added up. Equal channels have equal fingerprints. With the channel's mean
/// taken off and divided by its standard deviation, so have channels that are a·x + b of one another, up to the sign of a
/// (Johnson and Lindenstrauss 1984: distances survive random projections).
/// </summary>
internal sealed class Fingerprints
{
    public const int Length = Projection.Count;

    private const int Seed = 20240229;

    private readonly double[] _sums;
    private readonly double[] _sumsOfOnes;

    private Fingerprints(double[] sums, double[] sumsOfOnes) => (_sums, _sumsOfOnes) = (sums, sumsOfOnes);

    public ReadOnlySpan<double> Of(int channel) => _sums.AsSpan(channel * Length, Length);

    /// <summary>Makes the fingerprints of one picture.</summary>
    /// <param name="projected">Dot products of all channels, from <see cref="Projection.Of"/>.</param>
    /// <param name="area">Number of values of a map.</param>
    /// <param name="picture">Number of the picture, from 0, which chooses its weights.</param>
    public static Fingerprints Of(ReadOnlySpan<float> projected, int area, long picture)
    {
        var random = new Random(unchecked(Seed + (int)picture));
        Vector256<float> ones = Projection.OfOnes(area);
        double[] sumsOfOnes = new double[Length], sums = new double[projected.Length];
        Span<double> weights = stackalloc double[Length];
        for (int k = 0; k < Length; k++)
        {
            weights[k] = 2 * random.NextDouble() - 1;
            sumsOfOnes[k] = weights[k] * ones[k];
        }

        for (int i = 0; i < projected.Length; i++)
            sums[i] = weights[i % Length] * projected[i];
        return new Fingerprints(sums, sumsOfOnes);
    }

    /// <summary>Joins the fingerprints of other pictures of as many channels.</summary>
    public static Fingerprints Join(Fingerprints left, Fingerprints right) =>
        new(Sum(left._sums, right._sums), Sum(left._sumsOfOnes, right._sumsOfOnes));

    /// <summary>Brings a channel's fingerprint to mean 0 and spread 1.</summary>
    public double[] Standardized(int channel, double mean, double std)
    {
        double[] standard = Of(channel).ToArray();
        for (int k = 0; k < Length; k++)
            standard[k] = (standard[k] - mean * _sumsOfOnes[k]) / std;
        return standard;
    }

    /// <summary>Writes all numbers.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.WriteArray<double>(_sums);
        writer.WriteArray<double>(_sumsOfOnes);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">Stands in front of the numbers.</param>
    /// <param name="channels">Number of channels.</param>
    public static Fingerprints Read(BinaryReader reader, int channels) =>
        new(reader.ReadArray<double>(channels * Length), reader.ReadArray<double>(Length));

    private static double[] Sum(double[] left, double[] right)
    {
        double[] sum = new double[left.Length];
        for (int i = 0; i < sum.Length; i++)
            sum[i] = left[i] + right[i];
        return sum;
    }
}
