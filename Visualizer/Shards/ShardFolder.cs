using CnnOnnx.Files;
using CnnOnnx.Visualizer.Kernels;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Shards;

/// <summary>
/// Folder of a shard while it is worked on, by one process or by several that do not know of one another. Results of an input are made in
/// a folder of this process alone and renamed into their place as a whole; whoever comes second throws its own away.
/// <code>
/// shard-00003/shard.begun          what the shard is made of
///             .work-1f…/           what this process makes
///             cat/, dog/, …        results of the inputs, as a dump of all inputs has them
///             kernels/
///             pictures.jsonl, survey.state, survey.json, channels.csv, index.html
///             shard.json           last: the shard is done
/// </code>
/// </summary>
internal sealed class ShardFolder : IDisposable
{
    public const string Prefix = "shard-", BegunFile = "shard.begun", StateFile = "survey.state";

    private const string WorkPrefix = ".work-";

    private ShardFolder(string path)
    {
        Path = path;
        Work = System.IO.Path.Combine(path, $"{WorkPrefix}{Guid.NewGuid():N}");
    }

    /// <summary>Path of the shard's folder.</summary>
    public string Path { get; }

    /// <summary>Path of the folder of this process alone.</summary>
    public string Work { get; }

    /// <summary>Path of a shard's folder.</summary>
    /// <param name="folder">Folder of all shards.</param>
    /// <param name="shard">Index of the shard, from 0.</param>
    public static string PathOf(string folder, int shard) => System.IO.Path.Combine(folder, $"{Prefix}{shard:00000}");

    /// <summary>Opens the folder of a shard, to begin it or to go on with it.</summary>
    /// <param name="path">Path of the folder, made when it is missing.</param>
    /// <param name="identity">See <see cref="ShardPlan.IdentityOf"/>.</param>
    /// <param name="force">True to throw away what was made for another plan.</param>
    /// <exception cref="BadInputException">It holds something else.</exception>
    public static ShardFolder Open(string path, string identity, bool force)
    {
        if (BegunOf(path) is { } begun && begun != identity)
        {
            if (!force)
                throw new BadInputException($"{path}: holds a shard of other inputs, options or another model; give another folder, "
                    + "or --force to throw it away");
            Directory.Delete(path, recursive: true);
        }

        OutputFolder.Create(path);
        // Looked at in this order: another process may be beginning it at this moment, whose file has no name yet, or has just got it.
        if (!force && HoldsFiles(path) && BegunOf(path) is null)
            throw new BadInputException($"{path}: holds files that no shard has; give another folder, or --force to write beside them");
        AtomicFile.WriteText(System.IO.Path.Combine(path, BegunFile), identity + "\n");
        return new ShardFolder(path);
    }

    /// <summary>Reads of which shard a folder is; null when it was never begun.</summary>
    public static string? BegunOf(string path)
    {
        try
        {
            return File.ReadAllText(System.IO.Path.Combine(path, BegunFile)).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Where the results of an input lie when they are whole.</summary>
    /// <param name="made">Path of the folder in which they are made.</param>
    public string PlaceOf(string made) => System.IO.Path.Combine(Path, System.IO.Path.GetFileName(made));

    /// <summary>Puts an input's results into their place, where there are none yet.</summary>
    /// <param name="made">Path of the folder in which they were made.</param>
    /// <param name="fingerprint">Hash of what decides them.</param>
    public void Put(string made, string fingerprint)
    {
        PutKernels();
        string place = PlaceOf(made);
        if (FinishedDump.Find(place, fingerprint) is not null)
            return;
        // Not whole: somebody has deleted a part of it.
        if (Directory.Exists(place))
            TryMove(place, System.IO.Path.Combine(Work, $"before-{Guid.NewGuid():N}"));
        if (!TryMove(made, place) && FinishedDump.Find(place, fingerprint) is null)
            throw new BadInputException($"{place}: the results cannot be put there");
    }

    /// <summary>Takes away what processes have left that were killed, and this one.</summary>
    public void Clean()
    {
        foreach (string work in Directory.EnumerateDirectories(Path, $"{WorkPrefix}*"))
            TryDelete(work);
        foreach (string file in Directory.EnumerateFiles(Path, $".*{PendingFile.Ending}"))
            File.Delete(file);
    }

    public void Dispose() => TryDelete(Work);

    private static bool HoldsFiles(string path) => Directory.EnumerateFileSystemEntries(path)
        .Any(entry => !entry.EndsWith(PendingFile.Ending, StringComparison.Ordinal));

    // The same in all that is made of the shard.
    private void PutKernels()
    {
        string made = System.IO.Path.Combine(Work, KernelWriter.Subfolder), place = PlaceOf(made);
        if (Directory.Exists(made) && !Directory.Exists(place))
            TryMove(made, place);
    }

    private static bool TryMove(string from, string to)
    {
        try
        {
            Directory.Move(from, to);
            return true;
        }
        catch (IOException)
        {
            // Another process was faster.
            return false;
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Somebody still works there, and takes it away later.
        }
    }
}
