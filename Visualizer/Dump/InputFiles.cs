using System.Collections.Frozen;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>The files that a command line means: files, folders, and patterns that the shell left as they are.</summary>
internal static class InputFiles
{
    private static readonly FrozenSet<string> Endings = new[]
    {
        ".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".npy", ".npz",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="BadInputException">A folder without pictures, or a pattern that nothing matches.</exception>
    public static IReadOnlyList<string> Expand(IEnumerable<string> inputs) => [.. inputs.SelectMany(Expand).Distinct()];

    private static IEnumerable<string> Expand(string input)
    {
        if (Directory.Exists(input))
            return NotEmpty(Directory.EnumerateFiles(input).Where(path => Endings.Contains(Path.GetExtension(path))), input,
                "holds no pictures or NumPy files");
        string pattern = Path.GetFileName(input);
        if (File.Exists(input) || !pattern.AsSpan().ContainsAny('*', '?'))
            return [input];
        string folder = Path.GetDirectoryName(input) is { Length: > 0 } named ? named : ".";
        return NotEmpty(Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern) : [], input, "matches no file");
    }

    private static string[] NotEmpty(IEnumerable<string> found, string input, string problem)
    {
        string[] paths = [.. found.Order(StringComparer.Ordinal)];
        return paths.Length > 0 ? paths : throw new BadInputException($"{input}: {problem}");
    }
}
