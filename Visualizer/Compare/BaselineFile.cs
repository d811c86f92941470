using System.Text.Json;
using CnnOnnx.Compare;
using CnnOnnx.Files;
using CnnOnnx.Pages;

namespace CnnOnnx.Visualizer.Compare;

/// <summary>
/// Relative errors of all pairs as they were once, to be held against later ones: what was out of tolerance then may stay so, and nothing
/// may get worse.
/// </summary>
/// <param name="Pairs">Relative error by tensor of the second model; null for one that was infinite.</param>
internal sealed record BaselineFile(IReadOnlyDictionary<string, double?> Pairs)
{
    // Two runs on one machine agree to the bit; on another, sums come in another order.
    private const double Room = 1.05;

    /// <summary>Writes a result as baseline.</summary>
    public static void Write(string path, ComparisonResult result)
    {
        var pairs = new BaselineFile(result.Pairs.ToDictionary(p => p.Pair.B,
            p => double.IsFinite(p.Cumulative.RelativeError) ? (double?)p.Cumulative.RelativeError : null));
        AtomicFile.WriteText(path, JsonSerializer.Serialize(pairs, JsonSettings.Indented));
    }

    /// <summary>Reads a baseline.</summary>
    /// <exception cref="BadInputException">There is no such file, or it is none.</exception>
    public static BaselineFile Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<BaselineFile>(File.ReadAllText(path), JsonSettings.Indented) is { Pairs: not null } read
                ? read : throw new BadInputException($"{path}: is no baseline, expected what --write-baseline writes");
        }
        catch (JsonException fault)
        {
            throw new BadInputException($"{path}: is no baseline, expected what --write-baseline writes ({fault.Message})", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>
    /// Pairs that are out of tolerance and further apart than they were; one that was not there before counts from its tolerance on.
    /// </summary>
    public IReadOnlyList<PairComparison> Worse(ComparisonResult result) => [.. result.Pairs.Where(p => p.Finding != PairFinding.Equal
        && !p.Cumulative.IsWithin(p.Tolerance)
        && (!Pairs.TryGetValue(p.Pair.B, out double? before)
            || (before is { } then && !(p.Cumulative.RelativeError <= Room * then))))];

    /// <summary>Says in one line what got worse.</summary>
    public string Describe(string name, IReadOnlyList<PairComparison> worse) => worse.Count == 0 ? $"Nothing is worse than in {name}."
        : $"{worse.Count} {(worse.Count == 1 ? "pair is" : "pairs are")} worse than in {name}: "
            + string.Join(", ", worse.Take(3).Select(p => $"'{p.Pair.B}' {Then(p)} → {CompareText.Error(p.Cumulative.RelativeError)}"))
            + (worse.Count > 3 ? ", …" : "");

    private string Then(PairComparison pair) => !Pairs.TryGetValue(pair.Pair.B, out double? before) ? "new"
        : before is { } error ? CompareText.Error(error) : "∞";
}
