using CnnOnnx.Statistics;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>Facts about one tensor's channels over many pictures. Takes the same memory after one and after a million.</summary>
internal sealed class LayerSurvey
{
    // With fewer values than this, two channels may be in line by chance.
    private const long FewestForDuplicates = 16;

    // Standardised fingerprints of channels with correlation r differ by about √(2(1 − |r|)) of their length.
    private const double Tolerance = 1e-3;

    private readonly TensorStatistics?[] _facts;
    private readonly long[] _saturated;
    private readonly Fingerprints _fingerprints;

    public LayerSurvey(int index, string name, string op, int channels)
    {
        (Index, Name, Op) = (index, name, op);
        _facts = new TensorStatistics?[channels];
        _saturated = new long[channels];
        _fingerprints = new Fingerprints(channels);
    }

    /// <summary>Place among the tensors of the model, from 0.</summary>
    public int Index { get; }

    public string Name { get; }

    public string Op { get; }

    public int Channels => _facts.Length;

    /// <param name="maps">Maps of one picture, as many as the layer has channels.</param>
    /// <param name="picture">Number of the picture, from 0.</param>
    public void Add(SurveyedMaps maps, int picture)
    {
        _fingerprints.Add(maps.Projected, maps.Area, picture + maps.Sample);
        for (int channel = 0; channel < Channels; channel++)
        {
            _facts[channel] = _facts[channel] is { } before ? TensorStatistics.Merge([before, maps.Facts[channel]]) : maps.Facts[channel];
            _saturated[channel] += maps.Saturated[channel];
        }
    }

    public ChannelHealth[] Judge()
    {
        Dictionary<int, (int Of, string Relation)> duplicates = FindDuplicates();
        return [.. Enumerable.Range(0, Channels).Where(c => _facts[c] is not null).Select(channel =>
        {
            TensorStatistics facts = _facts[channel]!.Value;
            (int Of, string Relation)? duplicate = duplicates.TryGetValue(channel, out var found) ? found : null;
            double saturated = facts.Count == 0 ? 0 : (double)_saturated[channel] / facts.Count;
            return new ChannelHealth(channel, facts, saturated, duplicate?.Of, duplicate?.Relation);
        })];
    }

    // Sorted by one number of the fingerprint, duplicates stand beside one another.
    private Dictionary<int, (int Of, string Relation)> FindDuplicates()
    {
        var candidates = Enumerable.Range(0, Channels)
            .Where(c => _facts[c] is { IsFinite: true, Count: >= FewestForDuplicates } f && f.Std > 1e-5 * Math.Abs(f.Mean) && f.Std > 0)
            .Select(c => (Channel: c, Print: _fingerprints.Standardized(c, _facts[c]!.Value.Mean, _facts[c]!.Value.Std)))
            .Select(p => (p.Channel, p.Print, Norm: Math.Sqrt(p.Print.Sum(v => v * v))))
            .Where(p => p.Norm > 0)
            .OrderBy(p => p.Norm).ToArray();
        var found = new Dictionary<int, (int, string)>();
        for (int i = 0; i < candidates.Length; i++)
        {
            double near = Tolerance * candidates[i].Norm;
            for (int j = i + 1; j < candidates.Length && candidates[j].Norm - candidates[i].Norm <= near; j++)
                if (SignOf(candidates[i].Print, candidates[j].Print, near) is { } sign)
                    Record(candidates[i].Channel, candidates[j].Channel, sign);
        }

        return found;

        // The one with the smallest index is the one that the others repeat.
        void Record(int a, int b, int sign)
        {
            (int first, int later) = (Math.Min(a, b), Math.Max(a, b));
            if (found.TryGetValue(later, out var before) && before.Item1 <= first)
                return;
            bool isSame = _fingerprints.Of(a).SequenceEqual(_fingerprints.Of(b)) && _facts[a] == _facts[b];
            found[later] = (first, isSame ? "identical" : sign > 0 ? "correlated" : "anticorrelated");
        }
    }

    private static int? SignOf(double[] a, double[] b, double near)
    {
        double minus = 0, plus = 0;
        for (int k = 0; k < a.Length; k++)
        {
            minus += (a[k] - b[k]) * (a[k] - b[k]);
            plus += (a[k] + b[k]) * (a[k] + b[k]);
        }

        return Math.Sqrt(minus) <= near ? 1 : Math.Sqrt(plus) <= near ? -1 : null;
    }
}

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
