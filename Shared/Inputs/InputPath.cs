using System.Collections.Frozen;
using System.Globalization;

namespace CnnOnnx.Inputs;

/// <summary>One thing that a list of paths means: a picture, a NumPy file, a video or a camera.</summary>
/// <param name="Path">A file, or camera:N.</param>
/// <param name="Name">For the folder of its results: the file's path below the folder that was given, without its ending.</param>
internal sealed record InputPath(string Path, string Name)
{
    public const string CameraPrefix = "camera:";

    private static readonly string[] VideoEndings = [".mp4", ".avi", ".mkv", ".mov", ".webm", ".mpg", ".mpeg", ".m4v", ".wmv"];

    private static readonly FrozenSet<string> PictureEndings = new[]
    {
        ".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".webp", ".gif", ".tif", ".tiff",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Of what a folder's inputs are: a video in a folder of pictures would be thousands.
    private static readonly FrozenSet<string> Endings = new[] { ".npy", ".npz" }.Concat(PictureEndings).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Index of the camera; null for a file.</summary>
    public int? Camera { get; } = CameraOf(Path);

    public bool IsVideo => Camera is not null || VideoEndings.Contains(System.IO.Path.GetExtension(Path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Index of the camera that a text means; null for anything else.</summary>
    public static int? CameraOf(string text) => text.StartsWith(CameraPrefix, StringComparison.OrdinalIgnoreCase)
        && int.TryParse(text.AsSpan(CameraPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;

    /// <summary>True when the name ends like a picture's.</summary>
    public static bool IsPicture(string path) => PictureEndings.Contains(System.IO.Path.GetExtension(path));

    /// <summary>The inputs that texts mean: files, cameras, folders, and patterns that the shell left as they are; each once.</summary>
    /// <param name="inputs">As they were given.</param>
    /// <param name="recursive">Folders and patterns go down into folders.</param>
    /// <exception cref="BadInputException">A folder without pictures, or a pattern that nothing matches.</exception>
    public static IReadOnlyList<InputPath> Expand(IEnumerable<string> inputs, bool recursive = false) =>
        [.. inputs.SelectMany(input => Expand(input, recursive)).DistinctBy(input => input.Path)];

    private static IEnumerable<InputPath> Expand(string input, bool recursive)
    {
        if (CameraOf(input) is not null)
            return [new InputPath(input, input.Replace(':', '_'))];
        if (Directory.Exists(input))
            return NotEmpty(Find(input, "*", recursive).Where(path => Endings.Contains(System.IO.Path.GetExtension(path))), input, input,
                $"holds no pictures or NumPy files{(recursive ? "" : "; --recursive looks into its folders, too")}");
        string pattern = System.IO.Path.GetFileName(input);
        string folder = System.IO.Path.GetDirectoryName(input) is { Length: > 0 } named ? named : ".";
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
        new(path, System.IO.Path.ChangeExtension(System.IO.Path.GetRelativePath(folder, path), null));
}
