using System.Text;

namespace CnnOnnx.Files;

/// <summary>
/// Turns names from a model into file names: no separators, no reserved characters, not too long, each used once. Names
/// that differ only in case count as equal, because some file systems think so.
/// </summary>
internal sealed class SafeNames
{
    // Leaves room for a prefix and an ending within the 255 bytes that file systems allow.
    private const int MaxLength = 120;

    private static readonly HashSet<string> ReservedOnWindows = new(
        ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(0, 10).SelectMany(i => new[] { $"COM{i}", $"LPT{i}" })],
        StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A file name for this name that no earlier call has got.</summary>
    public string Unique(string name)
    {
        string clean = Clean(name);
        string unique = clean;
        for (int copy = 2; !_taken.Add(unique); copy++)
            unique = $"{clean}~{copy}";
        return unique;
    }

    /// <summary>The name with everything replaced that a path could misread. Different names may come out equal.</summary>
    public static string Clean(string name)
    {
        var clean = new StringBuilder(Math.Min(name.Length, MaxLength));
        foreach (char c in name)
        {
            if (clean.Length == MaxLength)
                break;
            clean.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_');
        }

        string trimmed = clean.ToString().Trim('.', '_');
        return trimmed.Length == 0 ? "tensor"
            : ReservedOnWindows.Contains(trimmed.Split('.')[0]) ? "_" + trimmed
            : trimmed;
    }
}
