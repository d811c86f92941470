using System.Text;

namespace CnnOnnx.Import;

/// <summary>
/// A Darknet cfg: sections with keys and values. White space goes, everywhere in a line; a line that begins with # or ; is a
/// remark; of a key that comes twice in a section the first counts.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Net">The section [net].</param>
/// <param name="Layers">The sections behind it, one a layer.</param>
internal sealed record CfgFile(string Path, CfgSection Net, IReadOnlyList<CfgSection> Layers)
{
    private const long MostBytes = 4 << 20;

    // Each becomes nodes of a graph; the largest networks that are known have some hundred.
    private const int MostLayers = 5000;

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadInputException">Not a cfg.</exception>
    public static CfgFile Read(string path)
    {
        string[] lines = Lines(path);
        var sections = new List<CfgSection>();
        for (int i = 0; i < lines.Length; i++)
        {
            string line = string.Concat(lines[i].Where(c => !char.IsWhiteSpace(c)));
            if (line.Length == 0 || line[0] is '#' or ';' or '\0')
                continue;
            if (line[0] == '[')
                sections.Add(new CfgSection(path, line.Trim('[', ']').ToLowerInvariant(), i + 1, sections.Count - 1));
            else if (sections.Count == 0)
                throw new BadInputException($"{path}: line {i + 1} is before any section, expected [net] first; it is no Darknet cfg");
            else if (line.IndexOf('=') is > 0 and var at && at < line.Length - 1)
                sections[^1].Add(line[..at], line[(at + 1)..]);
            if (sections.Count > MostLayers)
                throw new BadInputException($"{path}: has more than {MostLayers} layers at line {i + 1}");
        }

        return sections switch
        {
            [] => throw new BadInputException($"{path}: has no section, expected [net] and layers; it is no Darknet cfg"),
            [{ Name: not ("net" or "network") } first, ..] => throw new BadInputException(
                $"{path}: begins with [{first.Name}], expected [net]; it is no Darknet cfg"),
            [_] => throw new BadInputException($"{path}: has no layer behind [net]"),
            _ => new CfgFile(path, sections[0], sections[1..]),
        };
    }

    private static string[] Lines(string path)
    {
        if (Directory.Exists(path))
            throw new BadInputException($"{path}: is a folder, expected a Darknet cfg");
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MostBytes } file)
                throw new BadInputException($"{path}: has {file.Length} bytes, expected a Darknet cfg of at most {MostBytes}");
            return File.ReadAllLines(path, Encoding.Latin1);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException($"{path}: does not exist", path, fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }
}
