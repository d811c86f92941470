using System.Globalization;

namespace CnnOnnx.Inputs;

/// <summary>Input or video that a text means: a picture, a NumPy file, a video or a camera.</summary>
/// <param name="Path">A file, or camera:N.</param>
/// <param name="Name">Name for the folder of its results: the file's path below the folder that was given, without its ending.</param>
internal sealed record InputPath(string Path, string Name)
{
    public const string CameraPrefix = "camera:";

    private static readonly string[] VideoEndings = [".mp4", ".avi", ".mkv", ".mov", ".webm", ".mpg", ".mpeg", ".m4v", ".wmv"];

    /// <summary>Index of the camera, from 0; null for a file.</summary>
    public int? Camera { get; } = CameraOf(Path);

    /// <summary>True for what gives frames: a video or a camera.</summary>
    public bool IsVideo =>
        Camera is not null || VideoEndings.Contains(System.IO.Path.GetExtension(Path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the index of the camera that a text means; null for anything else.</summary>
    public static int? CameraOf(string text) => text.StartsWith(CameraPrefix, StringComparison.OrdinalIgnoreCase)
        && int.TryParse(text.AsSpan(CameraPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;

    /// <summary>Finds the inputs that texts mean: files, cameras, folders, and patterns that the shell left alone; each once.</summary>
    /// <param name="inputs">Texts as they were given.</param>
    /// <param name="recursive">True to go down into the folders of folders and patterns, too.</param>
    /// <exception cref="BadInputException">A folder without pictures, or a pattern that nothing matches.</exception>
    public static IReadOnlyList<InputPath> Expand(IEnumerable<string> inputs, bool recursive = false) =>
        Expand(inputs, new FolderSearch(recursive, null), recursive);

    /// <inheritdoc cref="Expand(IEnumerable{string}, bool)"/>
    /// <param name="search">Looks into folders, and counts what it leaves out.</param>
    public static IReadOnlyList<InputPath> Expand(IEnumerable<string> inputs, FolderSearch search, bool recursive) =>
        [.. inputs.SelectMany(input => Expand(input, search, recursive)).DistinctBy(input => input.Path)];

    private static IEnumerable<InputPath> Expand(string input, FolderSearch search, bool recursive)
    {
        if (CameraOf(input) is not null)
            return [new InputPath(input, input.Replace(':', '_'))];
        if (Directory.Exists(input))
            return NotEmpty(search.Find(input, null), input, () => recursive
                ? new BadInputException($"{input}: holds no pictures or NumPy files{Describe(search)}")
                : new BadInputException($"{input}: holds no pictures or NumPy files{Describe(search)}; its folders were not looked into")
                {
                    Remedy = Remedy.SearchFolders,
                });
        string pattern = System.IO.Path.GetFileName(input);
        string folder = System.IO.Path.GetDirectoryName(input) is { Length: > 0 } named ? named : ".";
        if (File.Exists(input) || !pattern.AsSpan().ContainsAny('*', '?'))
            return [Named(input, folder)];
        return NotEmpty(Directory.Exists(folder) ? search.Find(folder, pattern) : [], folder, () =>
            new BadInputException($"{input}: matches no file"));
    }

    private static string Describe(FolderSearch search) => search.LeftOut.Count == 0 ? ""
        : $", but {string.Join(", ", search.LeftOut.Select(kind => $"{kind.Key} ({kind.Value})"))}";

    private static InputPath[] NotEmpty(IEnumerable<string> found, string folder, Func<BadInputException> problem)
    {
        InputPath[] paths = [.. found.Order(StringComparer.Ordinal).Select(path => Named(path, folder))];
        return paths.Length > 0 ? paths : throw problem();
    }

    private static InputPath Named(string path, string folder) =>
        new(path, System.IO.Path.ChangeExtension(System.IO.Path.GetRelativePath(folder, path), null));
}
