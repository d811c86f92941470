using CnnOnnx.Statistics;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>Judgement of a channel after many pictures.</summary>
/// <param name="Channel">From 0.</param>
/// <param name="Facts">Statistics over all pictures.</param>
/// <param name="Saturated">Share of values at a bound of the operation, 0 to 1.</param>
/// <param name="DuplicateOf">An earlier channel of the layer that does the same; null when there is none.</param>
/// <param name="Relation">identical, correlated or anticorrelated; null without a duplicate.</param>
internal sealed record ChannelHealth(int Channel, TensorStatistics Facts, double Saturated, int? DuplicateOf, string? Relation)
{
    /// <summary>The tensor in front from which a trouble comes, which counts there; null where it begins, and without one.</summary>
    public string? From { get; init; }

    /// <summary>From this share on a channel counts as saturated.</summary>
    public const double SaturatedFrom = 0.9;

    /// <summary>The worst that can be said: nonfinite, dead (0 everywhere), constant, saturated, duplicate, or ok.</summary>
    public string State =>
        !Facts.IsFinite ? "nonfinite"
        : Facts.Count == 0 ? "ok"
        : Facts is { Min: 0, Max: 0 } ? "dead"
        : Facts.Count > 1 && Facts.Min == Facts.Max ? "constant"
        : Saturated >= SaturatedFrom ? "saturated"
        : DuplicateOf is not null ? "duplicate"
        : "ok";
}
