using System.Text.Json.Serialization;
using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Report;
using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Results of the inputs: told on the way, and kept for the overview, as little as that needs.</summary>
/// <param name="folder">Folder of all results.</param>
/// <param name="model">File of the model.</param>
/// <param name="isAlone">True for a single input, whose fault is the command's.</param>
/// <param name="hasReport">True when there are pages; else the folder is all there is to name.</param>
/// <param name="progress">Bar above which remarks go.</param>
/// <param name="terminal">Terminal for the results.</param>
internal sealed class DumpResults(string folder, string model, bool isAlone, bool hasReport, Progress progress, Terminal terminal)
{
    // On the page above the reports.
    private const int MostTold = 100;

    private readonly List<DumpSummary.Entry> _entries = [];
    private readonly List<OverviewCard> _cards = [];
    private readonly List<(string Input, string Fault)> _told = [];
    private IReadOnlyList<(int Index, string Name, string File)> _layers = [];
    private string? _remarks;
    private string? _firstFault;
    private int _faults;

    public int Inputs => _cards.Count + _faults;

    /// <summary>
    /// Folder of the first input that is done; null while there is none. Nobody writes there again, so when it is gone somebody
    /// removed it.
    /// </summary>
    public string? First { get; private set; }

    /// <summary>How many were done by an earlier run.</summary>
    public int Resumed { get; private set; }

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
            if (_cards.Count == 0 || !Directory.Exists(First ?? folder))
                return;
            SurveyRecord? surveyed = survey?.Pictures > 0 ? survey.Write(folder) : null;
            if (surveyed is not null)
                terminal.Result(surveyed.ToString());
            if (hasReport)
                OverviewPage.Write(folder, model, new OverviewRun(_cards, _told, _faults, expected, isWhole, _layers), surveyed);
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
        if (_faults > 0)
            progress.Note($"{_faults} of {Inputs} inputs could not be used");
        terminal.JsonResult(new DumpSummary(model, device, [.. _entries]), SummaryJson.Readable.DumpSummary);
        if (_cards.Count == 0)
            throw new BadInputException(_faults == 0 ? "there was no input"
                : $"none of {_faults} inputs could be used, the first because of this: {_firstFault}");
        terminal.Result(hasReport ? Path.Combine(folder, ReportPage.FileName) : folder);
        return _faults > 0 ? ExitCode.BadInput : ExitCode.Done;
    }

    private void Add(DumpTarget target, FinishedDump dump)
    {
        bool resumed = target.Finished is not null;
        Resumed += resumed ? 1 : 0;
        First ??= target.Folder;
        if (_cards.Count == 0)
            _layers = [.. dump.Tensors.Where(t => t.Pca is not null).Select(t => (t.Index, t.Name, t.Pca!.File))];
        _cards.Add(OverviewCard.Of(Path.GetRelativePath(folder, target.Folder), dump));
        Keep(new DumpSummary.Entry(target.Item.Path, target.Folder, dump.Tensors.Length, dump.Skipped.Length, dump.Scores, resumed, null));
        terminal.Result($"{target.Item.Path}: {dump.Tensors.Length} tensors in {target.Folder}{(resumed ? " (done already)" : "")}");
        if (dump.Scores is { } scores)
            terminal.Result($"  {scores}");
    }

    private void AddFault(string path, string fault)
    {
        if (isAlone)
            throw new BadInputException(fault);
        _faults++;
        _firstFault ??= fault;
        if (_told.Count < MostTold)
            _told.Add((path, fault));
        if (terminal.Quiet)
            terminal.Error.WriteLine($"error: {fault}");
        progress.Note($"error: {fault}");
        Keep(new DumpSummary.Entry(path, null, 0, 0, null, false, fault));
    }

    // Nobody else asks for them afterwards.
    private void Keep(DumpSummary.Entry entry)
    {
        if (terminal.Json)
            _entries.Add(entry);
    }

    // The same for most inputs: said when it changes.
    private void Remark(DumpManifest manifest)
    {
        string[] lines =
        [
            .. manifest.Remarks,
            .. manifest.ExposureDifference.Count == 0 ? Array.Empty<string>()
                : [$"final outputs differ from the plain model's by {Numbers.Short(manifest.ExposureDifference.Max(d => d.Largest))} "
                    + $"({manifest.Optimization.ToString().ToLowerInvariant()} optimisation)"],
            $"preprocessing: {manifest.Preprocessing?.ToString() ?? "none"} ({manifest.PreprocessingSource})",
        ];
        string remarks = string.Join('\n', lines);
        if (remarks == _remarks)
            return;
        _remarks = remarks;
        foreach (string line in lines)
            progress.Note(line);
    }
}

/// <summary>The result of the dump command as JSON.</summary>
internal sealed record DumpSummary(string Model, string Device, DumpSummary.Entry[] Inputs)
{
    /// <param name="Input">The input as it was given.</param>
    /// <param name="Folder">Folder of its files; null when there was a fault.</param>
    /// <param name="Tensors">How many were drawn.</param>
    /// <param name="Skipped">How many could not be.</param>
    /// <param name="Scores">When the model card names classes.</param>
    /// <param name="Resumed">The dump is that of an earlier run.</param>
    /// <param name="Fault">Why there is no dump.</param>
    internal sealed record Entry(string Input, string? Folder, int Tensors, int Skipped, ClassScores? Scores, bool Resumed, string? Fault);
}

/// <summary>The result of the dump command as JSON, when it makes a video.</summary>
/// <param name="Video">The file.</param>
/// <param name="Tensor">Name of the tensor whose mosaics it shows.</param>
/// <param name="Frames">How many there are.</param>
internal sealed record VideoSummary(string Video, string Tensor, int Frames);

/// <summary>JSON of the dump command's result, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = true)]
[JsonSerializable(typeof(DumpSummary))]
[JsonSerializable(typeof(VideoSummary))]
internal sealed partial class SummaryJson : JsonSerializerContext
{
    public static SummaryJson Readable => field ??= new(JsonSettings.Readable(Default.Options));
}
