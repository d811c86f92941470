using System.Globalization;
using CnnOnnx.Files;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Tables;

/// <summary>
/// Where the tables of many inputs lie below a folder of results. Folders are named as Hive has it, which DuckDB and others read: a
/// part of the path is a column.
/// <code>
/// tables/statistics/shard=00003/part.parquet              a row for each picture and tensor
///        classes/shard=00003/part.parquet                 a row for each picture
///        vectors/tensor=relu1/shard=00003/part.parquet    a row for each picture
///        npy/tensor=relu1/00003.npy                       the same vectors, [pictures, channels]
///        npy/index/00003.csv                              which row is which picture
/// </code>
/// </summary>
/// <param name="shard">Index of the shard; 0 for a dump without shards.</param>
internal sealed class TableFiles(int shard)
{
    public const string Folder = "tables";

    // In bytes: leaves room within the 255 that file systems allow for a name.
    private const int LongestName = 200;

    private readonly string _shard = shard.ToString("00000", CultureInfo.InvariantCulture);
    private readonly Dictionary<string, string> _names = [];
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    public string Statistics => $"{Folder}/statistics/shard={_shard}/part.parquet";

    public string Classes => $"{Folder}/classes/shard={_shard}/part.parquet";

    public string Index => $"{Folder}/npy/index/{_shard}.csv";

    public string Vectors(string tensor) => $"{Folder}/vectors/{NameOf(tensor)}/shard={_shard}/part.parquet";

    public string Npy(string tensor) => $"{Folder}/npy/{NameOf(tensor)}/{_shard}.npy";

    /// <summary>Removes the tables of earlier runs from a folder of results: what is read together belongs together.</summary>
    /// <param name="folder">Folder of results.</param>
    /// <param name="kept">Tables that stay, from the folder on.</param>
    public static void RemoveAllBut(string folder, IReadOnlyCollection<string> kept)
    {
        string tables = Path.Combine(folder, Folder);
        if (!Directory.Exists(tables))
            return;
        HashSet<string> names = [.. kept];
        var everything = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 };
        string[] stale = [.. Directory.EnumerateFiles(tables, "*", everything)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
            // Those in the making are of a run that was killed.
            .Where(name => EarlierResults.IsTable(name) ? !names.Contains(name)
                : Path.GetFileName(name) is ['.', ..] part && part.EndsWith(PendingFile.Ending, StringComparison.Ordinal))];
        ResultFiles.Remove(folder, stale);
    }

    // DuckDB takes %2F in the name of a folder for a slash. Some file systems take A and a for the same.
    private string NameOf(string tensor)
    {
        if (_names.TryGetValue(tensor, out string? known))
            return known;
        string name = Uri.EscapeDataString(tensor);
        name = name.Length <= LongestName ? name : SafeNames.Clean(tensor);
        string unique = name;
        for (int copy = 2; !_taken.Add(unique); copy++)
            unique = $"{name}~{copy}";
        return _names[tensor] = $"tensor={unique}";
    }
}
