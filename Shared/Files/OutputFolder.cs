namespace CnnOnnx.Files;

/// <summary>Folders that results go into.</summary>
internal static class OutputFolder
{
    /// <summary>Makes the folder and those above it, or says in one line why that cannot be.</summary>
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
}
