namespace CnnOnnx.Torch.Training;

/// <summary>What the file beside a YOLO set says: data.yaml of Ultralytics, or *.data of Darknet.</summary>
/// <param name="Path">The file.</param>
/// <param name="Names">Names of the classes; null where it says none.</param>
/// <param name="Parts">Folders or lists of pictures of each part, as they are written.</param>
internal sealed record YoloSettings(string Path, string[]? Names, (string Part, string[] Places)[] Parts)
{
    private static readonly (string Part, string[] Keys)[] Keys = [("train", ["train"]), ("val", ["val", "valid"]), ("test", ["test"])];

    /// <summary>Folder that places are written from; null for that of the file.</summary>
    public string? Root { get; private init; }

    /// <summary>Finds and reads the file of a folder; null where there is none.</summary>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static YoloSettings? Find(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            YoloSettings? found = System.IO.Path.GetExtension(path).ToLowerInvariant() switch
            {
                ".yaml" or ".yml" => OfYaml(path),
                ".data" => OfData(path),
                _ => null,
            };
            if (found is { Names: not null } or { Parts.Length: > 0 })
                return found;
        }

        return null;
    }

    // Lines of key = value.
    private static YoloSettings OfData(string path)
    {
        Dictionary<string, string[]> values = SetFiles.Lines(path).Where(l => l[0] != '#' && l.Contains('='))
            .Select(l => l.Split('=', 2)).GroupBy(p => p[0].Trim()).ToDictionary(g => g.Key, g => new[] { g.Last()[1].Trim() });
        string? names = values.GetValueOrDefault("names")?[0];
        string? file = names is null ? null : Candidates(System.IO.Path.GetDirectoryName(path)!, names).FirstOrDefault(File.Exists);
        return new YoloSettings(path, file is null ? null : SetFiles.Lines(file), PartsOf(values));
    }

    private static YoloSettings OfYaml(string path)
    {
        Dictionary<string, string[]> values = SimpleYaml.Read(path);
        return new YoloSettings(path, values.GetValueOrDefault("names"), PartsOf(values))
        {
            Root = values.GetValueOrDefault("path")?.FirstOrDefault(),
        };
    }

    private static (string, string[])[] PartsOf(Dictionary<string, string[]> values) =>
        [.. Keys.Select(k => (k.Part,
                Places: k.Keys.SelectMany(key => values.GetValueOrDefault(key) ?? []).Where(p => p.Length > 0).ToArray()))
            .Where(p => p.Places.Length > 0)];

    /// <summary>Paths that a place may mean, the likeliest first.</summary>
    /// <param name="place">A file or folder, as it is written.</param>
    public IEnumerable<string> Candidates(string place)
    {
        string folder = System.IO.Path.GetDirectoryName(Path)!;
        return Root is null ? Candidates(folder, place)
            : [.. Candidates(System.IO.Path.Combine(folder, Root), place), .. Candidates(folder, place)];
    }

    // Programs write places as seen from the set, from the folder around it, or with "../" too many.
    private static IEnumerable<string> Candidates(string folder, string place)
    {
        string slashed = place.Replace('\\', '/');
        string without = slashed;
        while (without.StartsWith("../", StringComparison.Ordinal) || without.StartsWith("./", StringComparison.Ordinal))
            without = without[(without.IndexOf('/') + 1)..];
        yield return System.IO.Path.Combine(folder, slashed);
        yield return System.IO.Path.Combine(folder, without);
        yield return System.IO.Path.Combine(folder, "..", without);
        int first = without.IndexOf('/');
        if (first > 0)
            yield return System.IO.Path.Combine(folder, without[(first + 1)..]);
    }
}
