namespace CnnOnnx.Torch.Attribution;

/// <summary>Finds the names that somebody may have meant who wrote another.</summary>
internal static class NearestNames
{
    private const int Offered = 4;

    /// <summary>Says which names come closest: "did you mean 'a', 'b'?"; empty where there are none.</summary>
    /// <param name="written">Text that names nothing.</param>
    /// <param name="names">Names that exist.</param>
    public static string Offer(string written, IEnumerable<string> names)
    {
        string[] near = [.. Of(written, names).Take(Offered)];
        return near.Length == 0 ? "" : $"did you mean {string.Join(", ", near.Select(name => $"'{name}'"))}?";
    }

    /// <summary>Orders names by how far they are from a text, and drops those that have nothing of it.</summary>
    /// <inheritdoc cref="Offer"/>
    public static IEnumerable<string> Of(string written, IEnumerable<string> names)
    {
        string wanted = written.ToLowerInvariant();
        return names.Distinct().Select(name => (name, Cost: Cost(wanted, name.ToLowerInvariant())))
            .Where(near => near.Cost < Math.Max(wanted.Length, 2)).OrderBy(near => near.Cost).ThenBy(near => near.name.Length)
            .Select(near => near.name);
    }

    // A name that holds the text is nearer than one that needs letters changed; of several words, the nearest counts.
    private static double Cost(string wanted, string name)
    {
        if (name.Contains(wanted, StringComparison.Ordinal))
            return 0.5 * (name.Length - wanted.Length) / name.Length;
        double whole = EditDistance.Between(wanted, name);
        double best = name.Split(' ', ',', '_', '/', '.', '-').Where(word => word.Length > 2)
            .Select(word => 1 + (double)EditDistance.Between(wanted, word)).DefaultIfEmpty(whole).Min();
        return Math.Min(whole, best) <= 0.5 * wanted.Length + 1 ? Math.Min(whole, best) : double.MaxValue;
    }
}
