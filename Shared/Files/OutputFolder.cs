namespace CnnOnnx.Files;

/// <summary>
/// A folder that results go into. What is refused leaves nothing: a folder that was made, or was empty, and is not complete in the
/// end is emptied, and one that was made and is empty is taken away, with those above it that were made for it.
/// </summary>
internal sealed class OutputFolder : IDisposable
{
    private readonly string _path;
    private readonly string[] _made;
    private readonly bool _wasEmpty;
    private bool _isComplete;

    /// <summary>Makes the folder and those above it, or says in one line why that cannot be.</summary>
    /// <param name="path">Path of the folder, which may exist.</param>
    /// <exception cref="BadInputException">A file is in the way, or the place is read-only or full.</exception>
    public OutputFolder(string path)
    {
        _path = Path.GetFullPath(path);
        _made = [.. Upwards(_path).TakeWhile(folder => !Directory.Exists(folder))];
        Create(path);
        _wasEmpty = _made.Length > 0 || IsEmpty(_path);
    }

    /// <summary>Makes a folder and those above it, or says in one line why that cannot be.</summary>
    /// <exception cref="BadInputException">A file is in the way, or the place is read-only or full.</exception>
    public static void Create(string path)
    {
        if (File.Exists(path))
            throw new BadInputException($"{path}: is a file, expected a folder for the results");
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: the folder cannot be made: {fault.Message}", fault);
        }
    }

    /// <summary>Keeps what is in the folder.</summary>
    public void Complete() => _isComplete = true;

    /// <summary>Takes away what is not complete. A folder that somebody else has removed or closed stays as it is.</summary>
    public void Dispose()
    {
        try
        {
            if (!_isComplete && _wasEmpty && Directory.Exists(_path))
                Clear();
            foreach (string folder in _made.TakeWhile(IsEmpty))
                Directory.Delete(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Why the results are not complete is told by whoever made them; that something is left is the lesser news.
        }
    }

    private void Clear()
    {
        foreach (string file in Directory.EnumerateFiles(_path))
            File.Delete(file);
        foreach (string folder in Directory.EnumerateDirectories(_path))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>Tells whether a folder exists and holds nothing.</summary>
    public static bool IsEmpty(string folder) => Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any();

    private static IEnumerable<string> Upwards(string path)
    {
        for (string? folder = Path.TrimEndingDirectorySeparator(path); folder is not null; folder = Path.GetDirectoryName(folder))
            yield return folder;
    }
}
