namespace CnnOnnx.Trainer.Data;

/// <summary>A folder for a data set that appears when all of it is there, so a stopped run leaves no half set.</summary>
internal static class NewSetFolder
{
    /// <summary>Fills a folder beside its place, then gives it its name.</summary>
    /// <param name="folder">The place: nothing, or an empty folder.</param>
    /// <param name="fill">Given the folder beside.</param>
    /// <exception cref="BadInputException">Something is there already, or the place cannot be written.</exception>
    public static void Fill(string folder, Action<string> fill)
    {
        string whole = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(whole) || (Directory.Exists(whole) && Directory.EnumerateFileSystemEntries(whole).Any()))
            throw new BadInputException($"{folder}: {(File.Exists(whole) ? "is a file" : "is not empty")}, expected a new folder for "
                + "the pictures");
        string beside = $"{whole}.{Guid.NewGuid():N}.part";
        try
        {
            fill(beside);
            if (Directory.Exists(whole))
                Directory.Delete(whole);
            Directory.Move(beside, whole);
        }
        // Where it is drawn nobody knows, and it is gone by then.
        catch (BadInputException fault) when (fault.Message.Contains(beside, StringComparison.Ordinal))
        {
            throw new BadInputException(fault.Message.Replace(beside, folder, StringComparison.Ordinal), fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{folder}: cannot be written: {fault.Message}", fault);
        }
        finally
        {
            if (Directory.Exists(beside))
                Directory.Delete(beside, recursive: true);
        }
    }
}
