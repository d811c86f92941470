namespace CnnOnnx.Files;

/// <summary>
/// Writes a file beside its place and renames it into place when it is complete, so that a stopped run leaves whole
/// files only. Missing folders are made.
/// </summary>
internal static class AtomicFile
{
    /// <exception cref="BadInputException">The place cannot be written: a file in the way, no right, no room.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        Prepare(path);
        string beside = Beside(path);
        try
        {
            using (FileStream file = Create(beside))
                write(file);
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be written: {fault.Message}", fault);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    public static void WriteText(string path, string text) => Write(path, file =>
    {
        using var writer = new StreamWriter(file);
        writer.Write(text);
    });

    public static void WriteBytes(string path, ReadOnlyMemory<byte> bytes) => Write(path, file => file.Write(bytes.Span));

    private static void Prepare(string path)
    {
        if (Directory.Exists(path))
            throw new BadInputException($"{path}: is a folder, expected a place for a file");
        OutputFolder.Create(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    // Unique, so that two runs into one folder do not meet; the dot hides it from folder listings and globs.
    private static string Beside(string path) => Path.Combine(
        Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Environment.ProcessId:x}{Guid.NewGuid():N}.part");

    private static FileStream Create(string path) => new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
}
