using System.Text.Json;

namespace CnnOnnx.Detection;

/// <summary>Names of classes by the name of a set, or from a file.</summary>
public static class ClassLabels
{
    private const string Coco = "coco", CocoByNumber = "coco91";

    /// <summary>Reads class names, the first one that of class 0.</summary>
    /// <param name="text">
    /// coco for the 80 names, coco91 for the names of COCO's numbers 1 to 90, or a file: a name in each line, or a JSON array.
    /// </param>
    /// <exception cref="BadInputException">No such file, or no names in it.</exception>
    public static IReadOnlyList<string> Read(string text) => text.ToLowerInvariant() switch
    {
        Coco => CocoClasses.Names,
        CocoByNumber => CocoClasses.NamesByNumber,
        _ => ReadFile(text),
    };

    /// <summary>Gives the name of a class, or "class 7" where it has none.</summary>
    internal static string NameOf(IReadOnlyList<string> labels, int index) => index < labels.Count ? labels[index] : $"class {index}";

    private static string[] ReadFile(string path)
    {
        if (!File.Exists(path))
            throw new BadInputException($"'{path}' is neither a file nor a set of names that is known: {Coco}, {CocoByNumber}");
        string[] names;
        try
        {
            names = path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
                ? JsonSerializer.Deserialize<string[]>(File.ReadAllText(path)) ?? []
                : [.. File.ReadLines(path).Select(line => line.Trim())];
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read as class names, expected a JSON array or a name in each line: "
                + fault.Message, fault);
        }

        int count = Array.FindLastIndex(names, name => name.Length > 0) + 1;
        return count > 0 ? names[..count] : throw new BadInputException($"{path}: holds no class names");
    }
}
