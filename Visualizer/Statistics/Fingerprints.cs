using System.Numerics.Tensors;

namespace CnnOnnx.Visualizer.Statistics;

/// <summary>
/// A few random numbers for each channel of a layer that tell whether two channels do the same, without keeping their maps.
/// Each is a random linear function of all values that the channel ever had: the dot product of each map with a random
/// vector, weighted at random for each picture and added up. Equal channels have equal fingerprints. With the channel's mean
/// taken off and divided by its standard deviation, so have channels that are a·x + b of one another, up to the sign of a
/// (Johnson and Lindenstrauss 1984: distances survive random projections).
/// </summary>
internal sealed class Fingerprints(int channels)
{
    public const int Length = 8;

    private const int Seed = 20240229;

    // Positions of a map → random numbers: the same for all layers, made as far as they are needed.
    private static float[][] _projections = [.. Enumerable.Range(0, Length).Select(_ => Array.Empty<float>())];

    private readonly double[] _sums = new double[channels * Length];
    private readonly double[] _sumsOfOnes = new double[Length];

    public ReadOnlySpan<double> Of(int channel) => _sums.AsSpan(channel * Length, Length);

    /// <summary>What each map of one picture has in common with each random vector: <see cref="Length"/> numbers a channel.</summary>
    /// <param name="maps">Of all channels, one after another.</param>
    /// <param name="area">Values of a map.</param>
    public static float[] Project(ReadOnlySpan<float> maps, int area)
    {
        float[] projected = new float[area == 0 ? 0 : maps.Length / area * Length];
        float[][] projections = Projections(area);
        for (int i = 0; i < projected.Length; i++)
            projected[i] = TensorPrimitives.Dot(maps.Slice(i / Length * area, area), projections[i % Length].AsSpan(0, area));
        return projected;
    }

    /// <param name="projected">Of all channels.</param>
    /// <param name="area">Values of a map.</param>
    /// <param name="picture">Counted from 0: chooses its weights.</param>
    public void Add(ReadOnlySpan<float> projected, int area, int picture)
    {
        float[][] projections = Projections(area);
        var random = new Random(unchecked(Seed + picture));
        for (int k = 0; k < Length; k++)
        {
            double weight = 2 * random.NextDouble() - 1;
            for (int i = k; i < projected.Length; i += Length)
                _sums[i] += weight * projected[i];
            _sumsOfOnes[k] += weight * TensorPrimitives.Sum<float>(projections[k].AsSpan(0, area));
        }
    }

    /// <summary>What is left of a channel's fingerprint when its mean is taken off and its spread made 1.</summary>
    public double[] Standardized(int channel, double mean, double std)
    {
        double[] standard = Of(channel).ToArray();
        for (int k = 0; k < Length; k++)
            standard[k] = (standard[k] - mean * _sumsOfOnes[k]) / std;
        return standard;
    }

    private static float[][] Projections(int area)
    {
        float[][] known = _projections;
        if (known[0].Length >= area)
            return known;
        float[][] longer = [.. known.Select((_, k) =>
        {
            // A generator of its own, so that a longer row starts like a shorter one.
            var random = new Random(Seed + k);
            float[] row = new float[Math.Max(area, 1024)];
            for (int i = 0; i < row.Length; i++)
                row[i] = random.NextSingle() * 2 - 1;
            return row;
        })];
        _projections = longer;
        return longer;
    }
}
