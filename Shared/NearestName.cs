namespace CnnOnnx;

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
            if (Math.Max(name.Length, other.Length) <= LongestName && Math.Abs(other.Length - name.Length) < least
                && EditDistance.Between(name, other) is var distance && distance < least)
                (nearest, least) = (other, distance);
        return nearest;
    }

    /// <summary>The nearest name as a message has it behind the one that nobody knows; empty where there is none.</summary>
    public static string Hint(string name, IEnumerable<string> others) =>
        Of(name, others) is { } nearest ? $" (nearest: '{nearest}')" : "";
}
