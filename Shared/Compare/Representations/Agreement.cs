namespace CnnOnnx.Compare;

/// <summary>How often two classifiers name the same class first.</summary>
/// <param name="Same">Number of inputs on which they agree.</param>
/// <param name="Flips">Inputs on which they do not, in order.</param>
public sealed record Agreement(int Same, IReadOnlyList<PredictionFlip> Flips)
{
    private const double Normal95 = 1.959963984540054;

    /// <summary>Number of inputs.</summary>
    public int Count => Same + Flips.Count;

    /// <summary>Share of inputs on which they agree, 0 to 1.</summary>
    public double Share => Count == 0 ? double.NaN : (double)Same / Count;

    /// <summary>Bounds of the share with 95 % confidence. Wilson 1927.</summary>
    public (double Low, double High) Interval
    {
        get
        {
            double n = Count, z = Normal95, centre = (Share + z * z / (2 * n)) / (1 + z * z / n);
            double half = z / (1 + z * z / n) * Math.Sqrt(Share * (1 - Share) / n + z * z / (4 * n * n));
            return n == 0 ? (0, 1) : (Math.Max(0, centre - half), Math.Min(1, centre + half));
        }
    }
}

/// <summary>An input that two classifiers answer differently.</summary>
/// <param name="Input">Place of the input, from 0.</param>
/// <param name="Name">Name of the input; empty where it has none.</param>
/// <param name="ClassA">The first model's class.</param>
/// <param name="ClassB">The second model's class.</param>
/// <param name="LabelA">Name of the first model's class; its number where the model names none.</param>
/// <param name="LabelB">Name of the second model's class.</param>
/// <param name="Jpeg">The picture, at most 160 pixels a side; null for tensors, and behind the first 60.</param>
public sealed record PredictionFlip(int Input, string Name, int ClassA, int ClassB, string LabelA, string LabelB, byte[]? Jpeg = null);
