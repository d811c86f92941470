using System.Text.RegularExpressions;
using CnnOnnx.Files;

namespace CnnOnnx.Visualizer.Manifest;

/// <summary>
/// What earlier runs left in a folder that results go into: the folder is theirs alone, so that a report never shows files of another
/// run. Files of others are an obstacle, and are never touched.
/// </summary>
internal sealed partial class EarlierResults
{
    private readonly string _folder;

    // With the time of their last change: what the new results have replaced is theirs.
    private readonly Dictionary<string, DateTime> _own = [];
    private readonly List<string> _folders = [];
    private readonly List<string> _others = [];

    private EarlierResults(string folder) => _folder = folder;

    /// <summary>Looks at a folder before results go there.</summary>
    /// <param name="folder">Path of the folder, which may be missing.</param>
    /// <param name="force">True when files of others are no obstacle.</param>
    /// <exception cref="BadInputException">There are files that no run made.</exception>
    public static EarlierResults Look(string folder, bool force)
    {
        var found = new EarlierResults(folder);
        if (!Directory.Exists(folder))
            return found;
        try
        {
            found.Find();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{folder}: cannot be read: {fault.Message}", fault);
        }

        return found._others.Count == 0 || force ? found
            : throw new BadInputException($"{folder}: holds {Count(found._others.Count)} that no run made, such as '{found._others[0]}'; "
                + "give an empty folder, or --force to write beside them");
    }

    /// <summary>Removes what the new results have not replaced.</summary>
    /// <param name="folders">Full paths of folders below with new results of their own.</param>
    public void RemoveStale(IReadOnlySet<string> folders)
    {
        try
        {
            ResultFiles.Remove(_folder, _own.Where(own => ResultFiles.ChangeOf(_folder, own.Key) == own.Value).Select(own => own.Key));
            foreach (string below in _folders.Where(path => !folders.Contains(Path.GetFullPath(path))))
            {
                ResultFiles.RemoveOwn(below);
                for (string? empty = below; empty is not null && empty.Length > _folder.Length && OutputFolder.IsEmpty(empty);
                    empty = Path.GetDirectoryName(empty))
                    Directory.Delete(empty);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{_folder}: what an earlier run left cannot be removed: {fault.Message}", fault);
        }
    }

    private void Find()
    {
        IReadOnlyCollection<string> listed = ResultFiles.OwnOf(_folder);
        FindFolders(_folder);
        bool isOverview = _folders.Count > 0 || IsOverviewOfFaults(_folder) || IsMerged(_folder);
        foreach (string file in FilesOutside(_folder, ""))
        {
            if (listed.Contains(file) || (isOverview && Overview().IsMatch(file)) || IsTable(file))
                _own[file] = ResultFiles.ChangeOf(_folder, file);
            else
                _others.Add(file);
        }
    }

    private void FindFolders(string folder)
    {
        foreach (string below in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (ResultFiles.AreIn(below))
                _folders.Add(below);
            FindFolders(below);
        }
    }

    private IEnumerable<string> FilesOutside(string folder, string prefix)
    {
        foreach (string file in Directory.EnumerateFiles(folder).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal))
            if (!file.StartsWith('.'))
                yield return prefix + file;
        foreach (string below in Directory.EnumerateDirectories(folder).Where(path => !_folders.Contains(path)))
            foreach (string file in FilesOutside(below, $"{prefix}{Path.GetFileName(below)}/"))
                yield return file;
    }

    // A page above no folder at all, since no input could be used.
    private static bool IsOverviewOfFaults(string folder)
    {
        string neighbours = Path.Combine(folder, "inputs.js");
        return File.Exists(neighbours) && File.ReadAllText(neighbours).StartsWith("arrived(\"inputs.js\", ``)", StringComparison.Ordinal);
    }

    // A survey of inputs whose results stayed in their shards.
    private static bool IsMerged(string folder)
    {
        string survey = Path.Combine(folder, "survey.json");
        return File.Exists(survey) && File.ReadLines(survey).Skip(1).FirstOrDefault()?.Trim() is { } second
            && second.StartsWith("\"pictures\":", StringComparison.Ordinal);
    }

    /// <summary>True for the name of a table of many inputs, from the folder of results on.</summary>
    public static bool IsTable(string name) => Tables().IsMatch(name);

    private static string Count(int files) => files == 1 ? "a file" : $"{files} files";

    // What stands above the folders of several inputs.
    [GeneratedRegex(@"^(index(-\d+)?\.html|inputs\.js|survey\.json|(channels|layers|top)\.csv|"
        + @"kernels/\d{4}_[^/]*\.png|kernels/values/k\d+\.js)$")]
    private static partial Regex Overview();

    [GeneratedRegex(@"^tables/((statistics|classes|vectors/tensor=[^/]+)/shard=\d+/part\.parquet|npy/tensor=[^/]+/\d+\.npy|"
        + @"npy/index/\d+\.csv)$")]
    private static partial Regex Tables();
}
