using System.Numerics.Tensors;

namespace CnnOnnx.Compare;

/// <summary>Correlation of every channel of one tensor with every channel of another, over places and pictures.</summary>
/// <param name="channels">Number of channels of both.</param>
internal sealed class ChannelCorrelation(int channels)
{
    private readonly double[,] _products = new double[channels, channels];
    private readonly double[] _sumsA = new double[channels], _sumsB = new double[channels];
    private readonly double[] _squaresA = new double[channels], _squaresB = new double[channels];
    private long _count, _values, _zerosA, _zerosB;

    /// <summary>Channels of each tensor that are zero everywhere.</summary>
    public (int A, int B) Dead => (_squaresA.Count(s => s == 0), _squaresB.Count(s => s == 0));

    /// <summary>Share of zeros among all values of each tensor.</summary>
    public (double A, double B) Zeros => _values == 0 ? (0, 0) : ((double)_zerosA / _values, (double)_zerosB / _values);

    /// <summary>Takes in a picture.</summary>
    /// <param name="a">Features of the first tensor, channel by channel.</param>
    /// <param name="b">Features of the second tensor, as many.</param>
    public void Add(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        int places = a.Length / channels;
        for (int i = 0; i < channels; i++)
        {
            ReadOnlySpan<float> left = a.Slice(i * places, places), mine = b.Slice(i * places, places);
            _sumsA[i] += TensorPrimitives.Sum(left);
            _squaresA[i] += TensorPrimitives.SumOfSquares(left);
            _sumsB[i] += TensorPrimitives.Sum(mine);
            _squaresB[i] += TensorPrimitives.SumOfSquares(mine);
            for (int j = 0; j < channels; j++)
                _products[i, j] += TensorPrimitives.Dot(left, b.Slice(j * places, places));
        }

        _count += places;
    }

    /// <summary>Counts the zeros of a picture's whole tensors.</summary>
    public void CountZeros(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        (_values, _zerosA, _zerosB) = (_values + a.Length, _zerosA + a.Count(0f), _zerosB + b.Count(0f));

    /// <summary>The best partner of each channel, each partner once, and how well they correlate.</summary>
    public (int[] Partners, double[] Correlations) Match()
    {
        double[,] correlation = new double[channels, channels];
        for (int i = 0; i < channels; i++)
            for (int j = 0; j < channels; j++)
                correlation[i, j] = Correlation(i, j);
        int[] partners = Assignment.Largest(correlation);
        return (partners, [.. partners.Select((partner, channel) => correlation[channel, partner])]);
    }

    // A channel that does not vary correlates with nothing.
    private double Correlation(int i, int j)
    {
        double varianceA = _squaresA[i] - _sumsA[i] * _sumsA[i] / _count, varianceB = _squaresB[j] - _sumsB[j] * _sumsB[j] / _count;
        double floor = 1e-9 * Math.Max(_squaresA[i], _squaresB[j]);
        return varianceA <= floor || varianceB <= floor ? 0
            : Math.Clamp((_products[i, j] - _sumsA[i] * _sumsB[j] / _count) / Math.Sqrt(varianceA * varianceB), -1, 1);
    }
}
