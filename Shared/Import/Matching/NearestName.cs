namespace CnnOnnx.Import;

/// <summary>Finds the name that differs from another in the fewest letters.</summary>
internal static class NearestName
{
    // Beyond, names have nothing to do with each other, and comparing takes long.
    private const int LongestName = 200;
    private const int MostNames = 2000;

    /// <summary>The nearest of some names; null where none shares at least half of its letters.</summary>
    public static string? Of(string name, IEnumerable<string> others)
    {
        (string? nearest, int least) = (null, Math.Max(2, name.Length / 2) + 1);
        foreach (string other in others.Take(MostNames))
            if (Math.Abs(other.Length - name.Length) < least && Distance(name, other) is var distance && distance < least)
                (nearest, least) = (other, distance);
        return nearest;
    }

    // Levenshtein's: letters to change, add or take away.
    private static int Distance(string a, string b)
    {
        if (a.Length > LongestName || b.Length > LongestName)
            return int.MaxValue;
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            (int diagonal, row[0]) = (row[0], i);
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
