using CnnOnnx.Cli;
using CnnOnnx.Imaging;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Report;
using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Results of the inputs: told on the way, and kept for the overview, as little as that needs.</summary>
/// <param name="folder">Folder of all results.</param>
/// <param name="model">File of the model.</param>
/// <param name="count">Number of inputs; 0 when that is not known. A single one's fault is the command's.</param>
/// <param name="hasReport">True when there are pages; else the folder is all there is to name.</param>
/// <param name="progress">Bar above which remarks go.</param>
/// <param name="terminal">Terminal for the results.</param>
internal sealed class DumpResults(string folder, string model, long count, bool hasReport, Progress progress, Terminal terminal)
{
    // Of more inputs than this a line tells of so many, and faults beyond are only counted.
    private const int Ten = 10;
    // On the page above the reports, which says how many more there are.
    private const int MostTold = 1000;

    private readonly List<DumpSummary.Entry> _entries = [];
    private readonly List<OverviewCard> _cards = [];
    private readonly List<(string Input, string Fault)> _told = [];
    private string? _remarks;
    private string? _firstFault;
    private (InputSpec? Spec, string Source)? _preprocessing;
    private SurveyRecord? _survey;

    public int Inputs => Done + Faults;

    /// <summary>Number of inputs that are done.</summary>
    public int Done { get; private set; }

    /// <summary>Number of inputs that could not be used.</summary>
    public int Faults { get; private set; }

    /// <summary>The inputs are a part of those of a plan: even a single one's fault is only counted.</summary>
    public bool IsPart { get; init; }

    /// <summary>Layers with a picture in every input's folder: index, name, file.</summary>
    public IReadOnlyList<(int Index, string Name, string File)> Layers { get; private set; } = [];

    /// <summary>
    /// Folder of the first input that is done; null while there is none. Nobody writes there again, so when it is gone somebody
    /// removed it.
    /// </summary>
    public string? First { get; private set; }

    /// <summary>How many were done by an earlier run.</summary>
    public int Resumed { get; private set; }

    /// <summary>Path of the report, or of the folder when there is none.</summary>
    public string Page => hasReport ? Path.Combine(folder, ReportPage.FileName) : folder;

    /// <summary>Full paths of the folders with results.</summary>
    public HashSet<string> Folders { get; } = [];

    public void Add(FinishedBatch batch)
    {
        if (batch.Manifests.Count > 0)
            Remark(batch.Manifests[0]);
        for (int i = 0; i < batch.Targets.Count; i++)
        {
            if (batch.DumpOf(i) is { } dump)
                Add(batch.Targets[i], dump);
            else
                AddFault(batch.Targets[i].Item.Path, batch.Before.Fault!);
            if (IsMany && Inputs % Ten == 0)
                terminal.Result($"{Inputs}{(count > 0 ? $" of {count}" : "")} done, the last {batch.Targets[i].Item.Path}");
        }
    }

    /// <summary>
    /// What many inputs say together: the survey, and the page above the reports. Written also after a fault, so that what was
    /// finished can be found; the fault is what counts then.
    /// </summary>
    /// <param name="survey">Survey of the channels; null when there is none.</param>
    /// <param name="expected">Number of inputs that were given.</param>
    /// <param name="isWhole">False when the run was stopped or failed.</param>
    public void TryWriteOverview(ChannelSurvey? survey, long expected, bool isWhole)
    {
        try
        {
            // Somebody removed what was written; where nothing was, the page alone tells why.
            if (Done == 0 ? Faults == 0 : !Directory.Exists(First ?? folder))
                return;
            _survey = survey?.Totals.Pictures > 0 ? survey.Write(folder) : null;
            foreach (string line in _survey?.Lines() ?? [])
                terminal.Result(line);
            if (hasReport)
                OverviewPage.Write(folder, model, new OverviewRun(_cards, _told, Faults, expected, isWhole, Layers), _survey);
        }
        catch (Exception fault) when (fault is BadInputException or IOException)
        {
            progress.Note($"error: {fault.Message}");
        }
    }

    /// <returns>The program's exit code.</returns>
    /// <exception cref="BadInputException">No input could be used.</exception>
    public int Finish(string device)
    {
        if (Resumed > 0)
            progress.Note($"{Resumed} of {Inputs} inputs were done already");
        if (Faults > 0)
            progress.Note($"{Faults} of {Inputs} inputs could not be used");
        terminal.JsonResult(new DumpSummary(model, device, hasReport && Inputs > 0 ? Page : null, _preprocessing?.Spec,
            _preprocessing?.Source, [.. _entries])
        { Survey = _survey }, SummaryJson.Readable.DumpSummary);
        if (Done == 0)
            throw new BadInputException(Faults == 0 ? "there was no input"
                : $"none of {Faults} inputs could be used, the first because of this: {_firstFault}");
        terminal.Result(Page);
        return Faults > 0 ? ExitCode.BadInput : ExitCode.Done;
    }

    // A camera does not say how many there will be.
    private bool IsMany => IsPart || count is 0 or > Ten;

    private void Add(DumpTarget target, FinishedDump dump)
    {
        bool resumed = target.Finished is not null;
        Resumed += resumed ? 1 : 0;
        First ??= target.Folder;
        if (!IsPart)
            Folders.Add(Path.GetFullPath(target.Folder));
        if (Done++ == 0)
            Layers = [.. dump.Tensors.Where(t => t.Pca is not null).Select(t => (t.Index, t.Name, t.Pca!.File))];
        // The page above the reports is all that needs it.
        if (hasReport)
            _cards.Add(OverviewCard.Of(Path.GetRelativePath(folder, target.Folder), dump));
        Keep(new DumpSummary.Entry(target.Item.Path, target.Folder, dump.Tensors.Length, dump.Skipped.Length, dump.Scores, resumed, null));
        if (IsMany)
            return;
        terminal.Result((dump.Fingerprint.Length == 0 ? $"{target.Item.Path}: looked at"
            : $"{target.Item.Path}: {dump.Tensors.Length} tensors in {target.Folder}{(resumed ? " (done already)" : "")}")
            + (count > 1 && dump.Scores is { Top: [var first, ..] } ? $"; {ScoreLine.Of(first)}" : ""));
        if (count == 1 && dump.Scores is { } scores)
            terminal.Result($"  {ScoreLine.Of(scores)}");
    }

    private void AddFault(string path, string fault)
    {
        if (count == 1 && !IsPart)
            throw new BadInputException(fault);
        Faults++;
        _firstFault ??= fault;
        if (_told.Count < MostTold)
            _told.Add((path, fault));
        Keep(new DumpSummary.Entry(path, null, 0, 0, null, false, fault));
        if (Faults > Ten)
            return;
        if (terminal.Quiet)
            terminal.Error.WriteLine($"error: {fault}");
        progress.Note($"error: {fault}");
        if (Faults == Ten)
            progress.Note("what more cannot be used is only counted; --json lists it");
    }

    // Nobody else asks for them afterwards.
    private void Keep(DumpSummary.Entry entry)
    {
        if (terminal.Json && !IsPart)
            _entries.Add(entry);
    }

    // The same for most inputs: said when it changes.
    private void Remark(DumpManifest manifest)
    {
        _preprocessing ??= (manifest.Preprocessing, manifest.PreprocessingSource);
        string[] lines =
        [
            .. manifest.Remarks,
            manifest is { Guess: { } guess, Preprocessing: { } spec } ? Assumptions.Line(guess, spec)
                : $"preprocessing: {manifest.Preprocessing?.ToString() ?? "none"} ({manifest.PreprocessingSource})",
        ];
        string[] warnings = [.. OutputWarning.Of(manifest)];
        string remarks = string.Join('\n', [.. lines, .. warnings]);
        if (remarks == _remarks)
            return;
        _remarks = remarks;
        foreach (string line in lines)
            progress.Note(line);
        foreach (string line in warnings)
            terminal.Warning(line);
    }
}
