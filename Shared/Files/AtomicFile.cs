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
        using var file = new PendingFile(path);
        file.Write(write);
        file.Commit();
    }

    public static void WriteText(string path, string text) => Write(path, file =>
    {
        using var writer = new Utf8Writer(file);
        writer.Write(text);
    });

    /// <inheritdoc cref="Write"/>
    public static void WriteBytes(string path, ReadOnlySpan<byte> bytes)
    {
        using var file = new PendingFile(path);
        file.Write(bytes);
        file.Commit();
    }
}
