using CnnOnnx.Imaging;

namespace CnnOnnx.Torch.Training;

/// <summary>Names that folders and files of a set go by.</summary>
internal static class SetFiles
{
    /// <summary>Name of the only part of a set that is not divided.</summary>
    public const string Undivided = PictureFolder.Undivided;

    // A few levels, so that a link to a folder above does not lead round in circles for long.
    private static readonly EnumerationOptions Nested = new() { RecurseSubdirectories = true, MaxRecursionDepth = 4 };

    /// <summary>Parts, and the words that they go by.</summary>
    public static (string Part, string[] Names)[] Parts { get; } =
        [("train", ["train", "training"]), ("val", ["val", "valid", "validation"]), ("test", ["test", "testing"])];

    /// <summary>The part that a folder or file is, such as instances_val2017; null for none.</summary>
    public static string? PartOf(string name)
    {
        string lower = name.ToLowerInvariant();
        // the longest word that is in it, so that "validation" is no "training"
        return Parts.SelectMany(p => p.Names.Select(word => (p.Part, Word: word)))
            .Where(p => lower.Contains(p.Word, StringComparison.Ordinal))
            .OrderByDescending(p => p.Word.Length).Select(p => p.Part).FirstOrDefault();
    }

    /// <summary>Pictures in a folder and the folders in it, in the order of their names.</summary>
    public static string[] Pictures(string folder) => !Directory.Exists(folder) ? [] : [.. Directory.EnumerateFiles(folder, "*", Nested)
        .Where(path => PictureFile.IsPicture(path) && Path.GetFileName(path)[0] != '.').Order(StringComparer.Ordinal)];

    /// <summary>A folder in another one, by any of its usual names, upper or lower case; null for none.</summary>
    public static string? Folder(string parent, params string[] names) => !Directory.Exists(parent) ? null
        : Directory.EnumerateDirectories(parent).Where(f => names.Contains(Path.GetFileName(f), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal).FirstOrDefault();

    /// <summary>Lines of a text file that say something.</summary>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static string[] Lines(string path) =>
        [.. Text(path).Split('\n').Select(l => l.Trim('\r', ' ', '\t', '\uFEFF')).Where(l => l.Length > 0)];

    /// <summary>All text of a file.</summary>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }
}
