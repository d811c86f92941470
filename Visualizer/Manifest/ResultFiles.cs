using System.Text.Json;
using CnnOnnx.Files;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>
/// The files of a folder while results are made in it. What an earlier run made and its manifest lists is cleared away first; what is
/// there then belongs to others and stays.
/// </summary>
internal sealed class ResultFiles
{
    // Tells of a run that was killed: all files but those that it lists are that run's.
    private const string UnfinishedFile = ".unfinished";

    private readonly string _folder;
    // With the time of their last change: one that the results have replaced is theirs.
    private readonly Dictionary<string, DateTime> _others;

    private ResultFiles(string folder, Dictionary<string, DateTime> others) => (_folder, _others) = (folder, others);

    /// <summary>Opens a folder for new results; a dump that is there is gone with that.</summary>
    /// <param name="folder">Path of the folder, made when it is missing.</param>
    /// <exception cref="BadInputException">The folder cannot be written.</exception>
    public static ResultFiles Reopen(string folder)
    {
        OutputFolder.Create(folder);
        try
        {
            RemoveOwn(folder);
            var files = new ResultFiles(folder, FilesIn(folder).ToDictionary(file => file, file => ChangeOf(folder, file)));
            AtomicFile.WriteText(Path.Combine(folder, UnfinishedFile), string.Join('\n', files._others.Keys));
            return files;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{folder}: cannot be written: {fault.Message}", fault);
        }
    }

    /// <summary>Lists the files that the results consist of so far, from the folder on.</summary>
    public string[] Made() => [.. FilesIn(_folder)
        .Where(file => !_others.TryGetValue(file, out DateTime before) || ChangeOf(_folder, file) != before).Order(StringComparer.Ordinal)];

    /// <summary>Keeps the results.</summary>
    public void Complete() => File.Delete(Path.Combine(_folder, UnfinishedFile));

    /// <summary>Removes what a run left that was killed right after it had completed the results in a folder.</summary>
    public static void Settle(string folder) => File.Delete(Path.Combine(folder, UnfinishedFile));

    /// <summary>Takes away what was made so far.</summary>
    public void TakeBack()
    {
        if (!Directory.Exists(_folder))
            return;
        Remove(_folder, Made());
        Complete();
    }

    /// <summary>Tells whether a folder holds results that a run made or was making when it was killed.</summary>
    public static bool AreIn(string folder) =>
        File.Exists(Path.Combine(folder, UnfinishedFile)) || IsOurs(Path.Combine(folder, DumpManifest.FileName));

    /// <summary>The files of the results in a folder, from the folder on, as their manifest lists them; empty without results.</summary>
    public static IReadOnlyCollection<string> OwnOf(string folder)
    {
        string unfinished = Path.Combine(folder, UnfinishedFile);
        if (File.Exists(unfinished))
            return FilesIn(folder).Except(File.ReadAllLines(unfinished)).ToHashSet();
        return Manifest(folder) is { } manifest ? new HashSet<string>([DumpManifest.FileName, .. manifest.Files]) : [];
    }

    /// <summary>Removes the results in a folder, and the folders below that are empty then.</summary>
    public static void RemoveOwn(string folder)
    {
        Remove(folder, OwnOf(folder));
        File.Delete(Path.Combine(folder, UnfinishedFile));
        foreach (string left in Directory.EnumerateFiles(folder, $".*{PendingFile.Ending}", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.None,
            MaxRecursionDepth = 2,
        }).Where(path => !PendingFile.IsInTheMaking(path)))
            File.Delete(left);
    }

    /// <summary>Removes files below a folder, and the folders that are empty then.</summary>
    /// <param name="folder">Path of the folder, which stays.</param>
    /// <param name="files">Paths from the folder on; what does not lie in it is left alone.</param>
    public static void Remove(string folder, IEnumerable<string> files)
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
        var folders = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string path in files.Select(file => Path.GetFullPath(Path.Combine(root, file))))
        {
            if (!path.StartsWith(root, StringComparison.Ordinal))
                continue;
            if (File.Exists(path))
                File.Delete(path);
            for (string? above = Path.GetDirectoryName(path); above is not null && above.Length > root.Length;
                above = Path.GetDirectoryName(above))
                folders.Add(above);
        }

        foreach (string empty in folders.Reverse().Where(OutputFolder.IsEmpty))
            Directory.Delete(empty);
    }

    /// <summary>The time of the last change of a file.</summary>
    public static DateTime ChangeOf(string folder, string file) => File.GetLastWriteTimeUtc(Path.Combine(folder, file));

    // Without those of other results below.
    private static IEnumerable<string> FilesIn(string folder) => FilesIn(folder, "");

    private static IEnumerable<string> FilesIn(string folder, string prefix)
    {
        foreach (string file in Directory.EnumerateFiles(folder).Select(Path.GetFileName).OfType<string>())
            if (file != UnfinishedFile && !(file.StartsWith('.') && file.EndsWith(PendingFile.Ending, StringComparison.Ordinal)))
                yield return prefix + file;
        foreach (string below in Directory.EnumerateDirectories(folder).Where(path => !AreIn(path)))
            foreach (string file in FilesIn(below, $"{prefix}{Path.GetFileName(below)}/"))
                yield return file;
    }

    // By its beginning: there may be thousands, and large ones.
    private static bool IsOurs(string manifest)
    {
        if (!File.Exists(manifest))
            return false;
        using StreamReader text = File.OpenText(manifest);
        char[] start = new char[1024];
        ReadOnlySpan<char> begin = start.AsSpan(0, text.ReadBlock(start));
        return begin.Contains("\"fingerprint\"", StringComparison.Ordinal) || begin.Contains("\"kernels\"", StringComparison.Ordinal);
    }

    private static ListedFiles? Manifest(string folder)
    {
        string path = Path.Combine(folder, DumpManifest.FileName);
        if (!File.Exists(path))
            return null;
        try
        {
            using FileStream file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, ManifestJson.Readable.ListedFiles) is { Files: not null } listed ? listed : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>A manifest, as far as it lists the files of its folder.</summary>
/// <param name="Files">Paths from the folder on, without the manifest's own; null in a manifest that is not of this program.</param>
internal sealed record ListedFiles(string[] Files);
