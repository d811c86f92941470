namespace CnnOnnx.Trainer.Explain;

/// <summary>Reads class names from a text file: a line a class, with or without its index in front.</summary>
internal static class LabelFile
{
    /// <summary>Reads the names.</summary>
    /// <param name="path">A text file in UTF-8.</param>
    /// <exception cref="BadInputException">There is no such file, or no name in it.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        if (!File.Exists(path))
            throw new BadInputException($"{path}: does not exist, expected a file with a class name a line");
        string[] lines = [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];
        if (lines.Length == 0)
            throw new BadInputException($"{path}: holds no class names");
        return [.. lines.Select((line, index) =>
            line.StartsWith($"{index},", StringComparison.Ordinal) ? line[(line.IndexOf(',') + 1)..] : line)];
    }
}
