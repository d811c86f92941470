using System.Globalization;
using System.Text;

namespace CnnOnnx.Files;

/// <summary>
/// Turns names from a model or of an input into file names: no separators, no reserved characters, not too long, each used once. Names
/// that differ only in case count as equal, because some file systems think so.
/// </summary>
internal sealed class SafeNames
{
    // In bytes of UTF-8: leaves room for a prefix and an ending within the 255 that file systems allow.
    private const int MaxLength = 120;

    private static readonly HashSet<string> ReservedOnWindows = new(
        ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(0, 10).SelectMany(i => new[] { $"COM{i}", $"LPT{i}" })],
        StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes a file name of a name, other than those of all earlier calls.</summary>
    /// <param name="name">Any text.</param>
    public string Unique(string name)
    {
        string clean = Clean(name);
        string unique = clean;
        for (int copy = 2; !_taken.Add(unique); copy++)
            unique = $"{clean}~{copy}";
        return unique;
    }

    /// <summary>
    /// Replaces everything in a name that a path could misread; letters and digits of any script stay. Different names may come out
    /// equal.
    /// </summary>
    /// <param name="name">Any text.</param>
    public static string Clean(string name)
    {
        var clean = new StringBuilder(Math.Min(name.Length, MaxLength));
        int bytes = 0;
        foreach (Rune rune in name.EnumerateRunes())
        {
            Rune kept = IsSafe(rune) ? rune : new Rune('_');
            bytes += kept.Utf8SequenceLength;
            if (bytes > MaxLength)
                break;
            clean.Append(kept.ToString());
        }

        string trimmed = clean.ToString().Trim('.', '_');
        return trimmed.Length == 0 ? "tensor"
            : ReservedOnWindows.Contains(trimmed.Split('.')[0]) ? "_" + trimmed
            : trimmed;
    }

    /// <summary>Says why a file cannot be found: "no such file", or that its name has bytes that no text stands for.</summary>
    /// <param name="path">A path at which there is no file.</param>
    public static string WhyMissing(string path) => path.Contains('\uFFFD')
        ? "its name is not UTF-8, so it cannot be opened; rename it"
        : "no such file";

    // Marks belong to letters: accents of names from macOS, vowels of many scripts.
    private static bool IsSafe(Rune rune) => rune.IsAscii
        ? Rune.IsLetterOrDigit(rune) || rune.Value is '.' or '-' or '_'
        : Rune.IsLetterOrDigit(rune)
            || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
