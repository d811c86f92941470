using CnnOnnx.Statistics;

namespace CnnOnnx.Compare;

/// <summary>The pair that a comparison is about, as maps: what the first input made of it in both models.</summary>
public sealed record PairMaps
{
    /// <summary>The two tensors.</summary>
    public required TensorPair Pair { get; init; }

    /// <summary>Number of channels; 1 where the tensor has none.</summary>
    public required int Channels { get; init; }

    /// <summary>Height of a map in the tensor.</summary>
    public required int Height { get; init; }

    /// <summary>Width of a map in the tensor.</summary>
    public required int Width { get; init; }

    /// <summary>Number of channels that have an element out of tolerance.</summary>
    public required int Differing { get; init; }

    /// <summary>Channels that differ most, the worst first; at most twelve of the pair that the verdict names, else eight.</summary>
    public required IReadOnlyList<MapPair> Worst { get; init; }

    /// <summary>Counts of B − A of the worst channel, from minus to plus its largest difference.</summary>
    public required Histogram Differences { get; init; }

    /// <summary>Values of the worst channel, A and B, evenly drawn from all its places; at most 1500.</summary>
    public required IReadOnlyList<(float A, float B)> Points { get; init; }

    /// <summary>The line B = slope · A + offset that fits the worst channel best, and the share of B's variance that it explains.</summary>
    public required LinearFit Fit { get; init; }
}

/// <summary>One channel of both models.</summary>
/// <param name="Channel">Place of the channel, from 0.</param>
/// <param name="Height">Rows; fewer than in the tensor where neighbouring places were averaged.</param>
/// <param name="Width">Columns, likewise.</param>
/// <param name="A">Values of the first model, row by row.</param>
/// <param name="B">Values of the second model.</param>
/// <param name="RelativeError">‖b − a‖₂ / ‖a‖₂ of the channel; infinite where A is zero and B is not.</param>
public sealed record MapPair(int Channel, int Height, int Width, float[] A, float[] B, double RelativeError);

/// <summary>A line through pairs of values. Least squares.</summary>
/// <param name="Slope">Change of B for a change of A by 1; NaN where A does not vary.</param>
/// <param name="Offset">B where A is 0.</param>
/// <param name="Explained">Share of B's variance that the line explains, 0 to 1.</param>
public readonly record struct LinearFit(double Slope, double Offset, double Explained);

/// <summary>Opinions of both models about one class.</summary>
/// <param name="Class">Place of the class among the scores, from 0.</param>
/// <param name="Label">Name of the class; its number where the model names none.</param>
/// <param name="A">Probability of the first model, 0 to 1.</param>
/// <param name="B">Probability of the second model.</param>
public sealed record ScorePair(int Class, string Label, double A, double B);
