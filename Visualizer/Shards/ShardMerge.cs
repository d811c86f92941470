using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Onnx;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Kernels;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Report;
using CnnOnnx.Visualizer.Survey;
using CnnOnnx.Visualizer.Tables;

namespace CnnOnnx.Visualizer.Shards;

/// <summary>
/// Puts the shards of a dump together: survey and tables of all inputs, and the page above the reports, as one run of all inputs writes
/// them. The results of the inputs stay where they are, and are linked to; or they are moved, and then the folder is that of one run.
/// </summary>
internal sealed class ShardMerge
{
    // On the page above the reports.
    private const int MostTold = 100;

    public required ShardSet Set { get; init; }

    /// <summary>Path of the model here; null for where the workers had it.</summary>
    public string? Model { get; init; }

    /// <summary>Settings of the dump.</summary>
    public required DumpOptions Options { get; init; }

    /// <summary>Moves the results of the inputs, too, which are in the shards no more then.</summary>
    public bool Moves { get; init; }

    /// <summary>Files of others in the folder of the results are no obstacle.</summary>
    public bool Force { get; init; }

    /// <summary>Writes the results.</summary>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="BadInputException">The model is another one, a shard cannot be read, or the folder cannot be written.</exception>
    public int ToFolder(string folder, Terminal terminal, CancellationToken cancel)
    {
        OnnxModel model = ReadModel();
        EarlierResults earlier = EarlierResults.Look(folder, Force);
        using var place = new OutputFolder(folder);
        place.Complete();
        SurveyTotals totals = new();
        var pictures = new MergedPictures(Options.Has(DumpParts.Report), MostTold);
        using (Progress progress = terminal.Start("merging", Set.Shards.Count, "shards"))
            foreach ((string shard, ShardMarker marker) in Set.Shards)
            {
                cancel.ThrowIfCancellationRequested();
                totals.Add(SurveyTotals.ReadFrom(Path.Combine(shard, ShardFolder.StateFile)));
                pictures.Add(shard, marker, Moves ? "" : Path.GetRelativePath(folder, shard).Replace('\\', '/') + "/");
                progress.Advance();
            }

        if (Moves)
            Move(folder);
        CopyTables(folder, cancel);
        // Whoever reads it knows which model it is by its name, wherever it lies here.
        SurveyRecord? survey = totals.Pictures == 0 ? null
            : new ChannelSurvey(model.Graph, ChannelLayouts.Of(model.Graph, Options.Layout), totals: totals).Write(folder);
        if (Options.Has(DumpParts.Report) && pictures.Done > 0)
            OverviewPage.Write(folder, Model ?? Set.Any.Model, pictures.Overview, survey);
        earlier.RemoveStale(pictures.FoldersIn(Moves ? folder : null));
        return Tell(folder, terminal, pictures, survey);
    }

    private int Tell(string folder, Terminal terminal, MergedPictures pictures, SurveyRecord? survey)
    {
        terminal.JsonResult(new MergeSummary(folder, Set.Shards.Count, pictures.Done, pictures.Faults, survey),
            ShardJson.Readable.MergeSummary);
        foreach (string line in survey?.Lines() ?? [])
            terminal.Result(line);
        if (pictures.Faults > 0)
            terminal.Note($"{pictures.Faults} of {pictures.Done + pictures.Faults} inputs could not be used, "
                + $"the first because of this: {pictures.FirstFault}");
        if (pictures.Done == 0)
            throw new BadInputException(pictures.Faults == 0 ? "there was no input"
                : $"none of {pictures.Faults} inputs could be used, the first because of this: {pictures.FirstFault}");
        terminal.Result(Options.Has(DumpParts.Report) ? Path.Combine(folder, ReportPage.FileName) : folder);
        return pictures.Faults > 0 ? ExitCode.BadInput : ExitCode.Done;
    }

    private OnnxModel ReadModel()
    {
        string path = Model ?? Set.Any.Model;
        if (!File.Exists(path))
            throw new BadInputException($"{path}: no such file, expected the model of the shards; name it with --model");
        return ModelRecord.HashOf(path) is var hash && hash == Set.Any.ModelSha256 ? OnnxModel.Read(path)
            : throw new BadInputException($"{path}: the model is another one than that of the shards: "
                + $"its SHA-256 is {hash[..12]}…, expected {Set.Any.ModelSha256[..12]}…; name it with --model");
    }

    // A rename each: as quick as there are inputs, and only within one disk.
    private void Move(string folder)
    {
        foreach ((string shard, _) in Set.Shards)
        {
            foreach (ShardedPicture picture in MergedPictures.Read(shard).Where(picture => picture.Folder is not null))
                MoveTo(Path.Combine(shard, picture.Folder!), Path.Combine(folder, picture.Folder!));
            string kernels = Path.Combine(shard, KernelWriter.Subfolder);
            if (Directory.Exists(kernels) && !Directory.Exists(Path.Combine(folder, KernelWriter.Subfolder)))
                MoveTo(kernels, Path.Combine(folder, KernelWriter.Subfolder));
        }
    }

    // A file for each shard, as the shards have them: readers take all of them for one table. Copied, so that the shards stay whole.
    private void CopyTables(string folder, CancellationToken cancel)
    {
        var made = new List<string>();
        foreach ((string shard, ShardMarker marker) in Set.Shards)
            foreach (ShardFile table in marker.Files.Where(file => EarlierResults.IsTable(file.Name)))
            {
                cancel.ThrowIfCancellationRequested();
                using FileStream from = File.OpenRead(Path.Combine(shard, table.Name));
                AtomicFile.Write(Path.Combine(folder, table.Name), from.CopyTo);
                made.Add(table.Name);
            }

        TableFiles.RemoveAllBut(folder, made);
    }

    private static void MoveTo(string from, string to)
    {
        try
        {
            // A merge that was stopped on the way has moved some already.
            if (Directory.Exists(from))
            {
                if (Directory.Exists(to))
                    Directory.Delete(to, recursive: true);
                Directory.Move(from, to);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{from}: cannot be moved to {to}: {fault.Message}; without --move it stays where it is", fault);
        }
    }
}

/// <summary>The result of the merge command as JSON.</summary>
/// <param name="Folder">Folder of the results.</param>
/// <param name="Shards">Number of shards that were put together.</param>
/// <param name="Done">Number of inputs with results.</param>
/// <param name="Faults">Number of inputs that could not be used.</param>
/// <param name="Survey">What all inputs say about channels; null when there are none.</param>
internal sealed record MergeSummary(string Folder, int Shards, long Done, long Faults, SurveyRecord? Survey);

/// <summary>What became of the inputs of all shards, for the page above their reports.</summary>
/// <param name="hasReport">True when there is such a page; else they are only counted.</param>
/// <param name="mostTold">Number of faults that are told; further ones are counted.</param>
internal sealed class MergedPictures(bool hasReport, int mostTold)
{
    private readonly List<OverviewCard> _cards = [];
    private readonly List<(string Input, string Fault)> _told = [];
    private IReadOnlyList<(int Index, string Name, string File)> _layers = [];

    public long Done { get; private set; }

    public int Faults { get; private set; }

    public string? FirstFault { get; private set; }

    /// <summary>The page above the reports.</summary>
    public OverviewRun Overview => new(_cards, _told, Faults, Done + Faults, IsWhole: true, _layers);

    /// <summary>Adds the inputs of a shard.</summary>
    /// <param name="folder">Folder of the shard.</param>
    /// <param name="marker">Its marker.</param>
    /// <param name="prefix">Path from the page to the shard's folder, with a slash; empty where the results are moved to the page.</param>
    public void Add(string folder, ShardMarker marker, string prefix)
    {
        Done += marker.Done;
        Faults += (int)marker.Faults;
        if (_layers.Count == 0)
            _layers = [.. marker.Layers.Select(layer => (layer.Index, layer.Name, layer.File))];
        if (!hasReport && marker.Faults == 0)
            return;
        foreach (ShardedPicture picture in Read(folder))
        {
            if (picture.Folder is { } own && hasReport)
                _cards.Add(new OverviewCard(prefix + own, Path.GetFileName(picture.Input), picture.Answer,
                    picture.Picture is { } small ? small with { File = $"{prefix}{own}/{small.File}" } : null));
            if (picture.Fault is not { } fault)
                continue;
            FirstFault ??= fault;
            if (_told.Count < mostTold)
                _told.Add((picture.Input, fault));
        }
    }

    /// <summary>Lists the full paths of the folders with results in a folder; none without one.</summary>
    public HashSet<string> FoldersIn(string? folder) =>
        folder is null ? [] : [.. _cards.Select(card => Path.GetFullPath(Path.Combine(folder, card.Subfolder)))];

    /// <summary>Reads what became of the inputs of a shard.</summary>
    /// <exception cref="BadInputException">The file is missing or damaged.</exception>
    public static IEnumerable<ShardedPicture> Read(string folder)
    {
        string path = Path.Combine(folder, ShardedPicture.FileName);
        foreach (string line in File.ReadLines(path))
        {
            ShardedPicture? picture;
            try
            {
                picture = JsonSerializer.Deserialize(line, ShardJson.Line.ShardedPicture);
            }
            catch (JsonException fault)
            {
                throw new BadInputException($"{path}: is damaged: {fault.Message}", fault);
            }

            yield return picture!;
        }
    }
}
