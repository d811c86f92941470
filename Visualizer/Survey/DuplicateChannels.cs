using CnnOnnx.Statistics;

namespace CnnOnnx.Visualizer.Survey;

/// <summary>
/// Channels of a layer that do the same in all pictures, found by fingerprints of a few numbers, so that no map has to be kept and a
/// million pictures take the memory of one.
/// </summary>
internal static class DuplicateChannels
{
    // With fewer values than this, two channels may be in line by chance.
    private const long FewestForDuplicates = 16;

    // Standardised fingerprints of channels with correlation r differ by about √(2(1 − |r|)) of their length.
    private const double Tolerance = 1e-3;

    /// <summary>Finds channels that repeat an earlier one: channel → which, and how.</summary>
    /// <param name="facts">Statistics of each channel over all pictures.</param>
    /// <param name="prints">Their fingerprints.</param>
    public static Dictionary<int, (int Of, string Relation)> Find(TensorStatistics[] facts, Fingerprints prints)
    {
        // Sorted by one number of the fingerprint, duplicates stand beside one another.
        var candidates = Enumerable.Range(0, facts.Length)
            .Where(c => facts[c] is { IsFinite: true, Count: >= FewestForDuplicates } f && f.Std > 1e-5 * Math.Abs(f.Mean) && f.Std > 0)
            .Select(c => (Channel: c, Print: prints.Standardized(c, facts[c].Mean, facts[c].Std)))
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
            bool isSame = prints.Of(a).SequenceEqual(prints.Of(b)) && facts[a] == facts[b];
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
