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
        double whole = Edits(wanted, name);
        double best = name.Split(' ', ',', '_', '/', '.', '-').Where(word => word.Length > 2)
            .Select(word => 1 + (double)Edits(wanted, word)).DefaultIfEmpty(whole).Min();
        return Math.Min(whole, best) <= 0.5 * wanted.Length + 1 ? Math.Min(whole, best) : double.MaxValue;
    }

    // Levenshtein's distance: letters put in, left out or exchanged.
    private static int Edits(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int exchanged = corner + (from[i - 1] == to[j - 1] ? 0 : 1);
                corner = row[j];
                row[j] = Math.Min(exchanged, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
