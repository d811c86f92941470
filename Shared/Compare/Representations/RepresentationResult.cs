namespace CnnOnnx.Compare;

/// <summary>Common ground of two networks with different weights.</summary>
/// <param name="LayersA">Names of the first model's tensors, in order: the rows.</param>
/// <param name="LayersB">Names of the second model's tensors, in order: the columns.</param>
/// <param name="Alignment">
/// Linear centred kernel alignment of each with each, −1/(n−1) … 1; NaN where a tensor does not vary. Maps are pooled to 6 × 6 places.
/// </param>
/// <param name="Channels">Pairs of tensors whose channels were matched.</param>
/// <param name="Samples">Number of inputs that the alignment is an estimate of.</param>
public sealed record RepresentationResult(
    IReadOnlyList<string> LayersA, IReadOnlyList<string> LayersB, double[,] Alignment,
    IReadOnlyList<MatchedChannels> Channels, int Samples);

/// <summary>Channels of one tensor and their best partners in another.</summary>
/// <param name="Pair">The two tensors.</param>
/// <param name="Partners">For each channel of the first the channel of the second that is its partner, each once.</param>
/// <param name="Correlations">How well they correlate over places and inputs, −1 … 1.</param>
public sealed record MatchedChannels(TensorPair Pair, IReadOnlyList<int> Partners, IReadOnlyList<double> Correlations)
{
    /// <summary>Channels of each tensor that are zero everywhere on every input.</summary>
    public required (int A, int B) Dead { get; init; }

    /// <summary>Share of zeros among all values of each tensor, 0 to 1.</summary>
    public required (double A, double B) Zeros { get; init; }

    /// <summary>Mean of the correlations.</summary>
    public double Mean => Correlations.Average();
}
