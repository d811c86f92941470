using System.Collections.Frozen;

namespace CnnOnnx.Visualizer.Inputs;

/// <summary>The inputs that a command line means: files, cameras, folders, and patterns that the shell left as they are.</summary>
internal static class InputFiles
{
    private static readonly FrozenSet<string> PictureEndings = new[]
    {
        ".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".webp", ".gif", ".tif", ".tiff",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Endings = new[] { ".npy", ".npz" }.Concat(PictureEndings).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>True when the name ends like a picture's.</summary>
    public static bool IsPicture(string path) => PictureEndings.Contains(Path.GetExtension(path));

    /// <param name="inputs">As they were given.</param>
    /// <param name="recursive">Folders and patterns go down into folders.</param>
    /// <exception cref="BadInputException">A folder without pictures, or a pattern that nothing matches.</exception>
    public static IReadOnlyList<InputPath> Expand(IEnumerable<string> inputs, bool recursive = false) =>
        [.. inputs.SelectMany(input => Expand(input, recursive)).DistinctBy(input => input.Path)];

    private static IEnumerable<InputPath> Expand(string input, bool recursive)
    {
        if (InputPath.IsCamera(input))
            return [new InputPath(input, input.Replace(':', '_'))];
        if (Directory.Exists(input))
            return NotEmpty(Find(input, "*", recursive).Where(path => Endings.Contains(Path.GetExtension(path))), input, input,
                $"holds no pictures or NumPy files{(recursive ? "" : "; --recursive looks into its folders, too")}");
        string pattern = Path.GetFileName(input);
        string folder = Path.GetDirectoryName(input) is { Length: > 0 } named ? named : ".";
        if (File.Exists(input) || !pattern.AsSpan().ContainsAny('*', '?'))
            return [Named(input, folder)];
        return NotEmpty(Directory.Exists(folder) ? Find(folder, pattern, recursive) : [], folder, input, "matches no file");
    }

    // What may not be read is left out, as are hidden files.
    private static IEnumerable<string> Find(string folder, string pattern, bool recursive) =>
        Directory.EnumerateFiles(folder, pattern, new EnumerationOptions { RecurseSubdirectories = recursive, IgnoreInaccessible = true });

    private static InputPath[] NotEmpty(IEnumerable<string> found, string folder, string input, string problem)
    {
        InputPath[] paths = [.. found.Order(StringComparer.Ordinal).Select(path => Named(path, folder))];
        return paths.Length > 0 ? paths : throw new BadInputException($"{input}: {problem}");
    }

    private static InputPath Named(string path, string folder) =>
        new(path, Path.ChangeExtension(Path.GetRelativePath(folder, path), null));
}
