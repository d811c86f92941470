using CnnOnnx.Imaging;

namespace CnnOnnx.Inputs;

/// <summary>
/// Files of a folder that a model can be run on, and how many others there were. Hidden files, and what macOS puts into an archive
/// beside the files (__MACOSX), are passed over without a count.
/// </summary>
/// <param name="recursive">True to go down into folders.</param>
/// <param name="results">Folder of the results, which is never searched; null for none.</param>
internal sealed class FolderSearch(bool recursive, string? results)
{
    private const string MacFolder = "__MACOSX";

    // Files of ours in a folder of results, and a name that they have near their beginning.
    private static readonly (string File, string Name)[] Signs =
        [("manifest.json", "\"fingerprint\""), ("manifest.json", "\"kernels\""), ("survey.json", "\"pictures\"")];

    // What may not be read is left out, too.
    private static readonly EnumerationOptions Visible = new() { IgnoreInaccessible = true };

    private readonly string? _results = results is null ? null : RealPath(results);

    /// <summary>Kind of what was left out, such as ".txt" → how many there were.</summary>
    public SortedDictionary<string, int> LeftOut { get; } = new(StringComparer.Ordinal);

    /// <summary>True when a file of this name is an input in a folder: a picture or a NumPy file. A video would be thousands.</summary>
    /// <param name="path">A file's name or path.</param>
    public static bool IsInput(string path) =>
        PictureFile.IsPicture(path) || Path.GetExtension(path).ToLowerInvariant() is ".npy" or ".npz";

    /// <summary>Finds the inputs in a folder, in no order.</summary>
    /// <param name="folder">A folder that exists.</param>
    /// <param name="pattern">With * and ?; files that match are taken whatever they are. Null for all inputs.</param>
    public IEnumerable<string> Find(string folder, string? pattern) => Find(folder, pattern, [RealPath(folder)]);

    private IEnumerable<string> Find(string folder, string? pattern, string[] chain)
    {
        foreach (string file in Directory.EnumerateFiles(folder, pattern ?? "*", Visible))
        {
            if (pattern is not null || IsInput(file))
                yield return file;
            else
                Count(Path.GetExtension(file) is { Length: > 0 } ending ? ending.ToLowerInvariant() : "without an ending");
        }

        foreach (string below in recursive ? Directory.EnumerateDirectories(folder, "*", Visible) : [])
        {
            if (Path.GetFileName(below).Equals(MacFolder, StringComparison.OrdinalIgnoreCase))
                continue;
            bool isLink = new DirectoryInfo(below).LinkTarget is not null;
            string real = isLink ? RealPath(below) : Path.Combine(chain[^1], Path.GetFileName(below));
            if (isLink && chain.Any(above => IsWithin(above, real)))
                Count("link to a folder above");
            else if (real == _results || IsResult(below))
                Count("folder of results");
            else
                foreach (string file in Find(below, pattern, [.. chain, real]))
                    yield return file;
        }
    }

    private void Count(string kind) => LeftOut[kind] = LeftOut.GetValueOrDefault(kind) + 1;

    private static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
        || Path.GetPathRoot(path) == folder;

    private static bool IsResult(string folder) => Array.Exists(Signs, sign => BeginsWith(Path.Combine(folder, sign.File), sign.Name));

    private static bool BeginsWith(string path, string name)
    {
        if (!File.Exists(path))
            return false;
        try
        {
            using StreamReader text = File.OpenText(path);
            char[] start = new char[1024];
            return start.AsSpan(0, text.ReadBlock(start)).Contains(name, StringComparison.Ordinal);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Links are followed wherever they are on the way; .NET does so only for the last part.
    private static string RealPath(string path)
    {
        string full = Path.GetFullPath(path), real = Path.GetPathRoot(full)!;
        foreach (string part in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            try
            {
                if (new DirectoryInfo(real).ResolveLinkTarget(returnFinalTarget: true) is { } target)
                    real = target.FullName == real ? real : RealPath(target.FullName);
            }
            catch (IOException)
            {
                // Links that go round in circles lead nowhere.
                return full;
            }
        }

        return real;
    }
}
