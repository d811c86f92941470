using System.Globalization;

namespace CnnOnnx.Torch.Attribution;

/// <summary>How far an explanation can be trusted: what was checked, and what came out.</summary>
/// <param name="Model">Checks of the model and its gradients, which hold for all maps.</param>
/// <param name="Maps">Checks of each map.</param>
public sealed record TrustReport(IReadOnlyList<TrustCheck> Model, IReadOnlyList<MapTrust> Maps)
{
    /// <summary>One or two sentences that say it all.</summary>
    public string Verdict
    {
        get
        {
            TrustCheck[] broken = [.. Model.Where(check => check.Outcome == TrustOutcome.Fails)];
            if (broken.Length > 0)
                return $"Do not trust these maps: {string.Join("; ", broken.Select(check => check.Words))}.";
            MapTrust[] good = [.. Maps.Where(map => map.Outcome == TrustOutcome.Holds)];
            MapTrust[] bad = [.. Maps.Where(map => map.Outcome == TrustOutcome.Fails)];
            string numbers = string.Create(CultureInfo.InvariantCulture,
                $"{good.Length} of {Maps.Count} maps depend on the class and on what the network has learnt");
            string warning = bad.Length == 0 ? ""
                : $" {string.Join(", ", bad.Select(map => map.Title).Take(4))}{(bad.Length > 4 ? " and others" : "")} would look "
                    + "the same for another class or with random weights: do not read them as reasons.";
            return $"The numbers are right: {string.Join("; ", Model.Where(check => check.Outcome == TrustOutcome.Holds)
                .Select(check => check.Name))}. {Capital(numbers)}.{warning}";
        }
    }

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}

/// <summary>One check.</summary>
/// <param name="Name">Name of the check: "parity".</param>
/// <param name="Outcome">Result of the check.</param>
/// <param name="Words">Finding in words, with numbers.</param>
/// <param name="Figure">The number that decides; null for none.</param>
public sealed record TrustCheck(string Name, TrustOutcome Outcome, string Words, double? Figure = null);

/// <summary>Checks of one map.</summary>
/// <param name="Map">The map.</param>
/// <param name="Checks">Whether it depends on the class, and on the weights.</param>
public sealed record MapTrust(AttributionMap Map, IReadOnlyList<TrustCheck> Checks)
{
    /// <summary>Method and layer.</summary>
    public string Title => $"{MethodTitle.Of(Map.Method)} at {Map.Layer}";

    /// <summary>The worst of the checks.</summary>
    public TrustOutcome Outcome => Checks.Select(check => check.Outcome).Where(outcome => outcome != TrustOutcome.LeftOut)
        .DefaultIfEmpty(TrustOutcome.LeftOut).Max();
}

/// <summary>Outcomes of a check, from good to bad.</summary>
public enum TrustOutcome
{
    /// <summary>It was not done; the words say why.</summary>
    LeftOut,

    /// <summary>It holds.</summary>
    Holds,

    /// <summary>It holds in part.</summary>
    Partly,

    /// <summary>It does not hold.</summary>
    Fails,
}
