using CnnOnnx.Cli;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Report;

namespace CnnOnnx.Visualizer.Pipeline;

/// <summary>What became of each input: told on the way, and kept for the overview.</summary>
/// <param name="folder">Of all results.</param>
/// <param name="model">File of the model.</param>
/// <param name="isAlone">There is one input, whose fault is the command's.</param>
/// <param name="progress">Remarks go above its bar.</param>
/// <param name="terminal">Results go there.</param>
internal sealed class DumpResults(string folder, string model, bool isAlone, Progress progress, Terminal terminal)
{
    private readonly List<DumpSummary.Entry> _entries = [];
    private readonly List<OverviewCard> _cards = [];
    private string? _preprocessing;

    /// <param name="batch">Of which something became.</param>
    /// <param name="manifests">Of what was written, one a target; empty when nothing was.</param>
    public void Add(DumpBatch batch, IReadOnlyList<DumpManifest> manifests)
    {
        if (manifests.Count > 0)
            Remark(manifests[0]);
        for (int i = 0; i < batch.Targets.Count; i++)
        {
            DumpTarget target = batch.Targets[i];
            FinishedDump? dump = target.Finished ?? (i < manifests.Count ? FinishedDump.Of(manifests[i]) : null);
            if (dump is null)
                AddFault(target.Path, target.Fault ?? batch.Fault!);
            else
                Add(target, dump);
        }
    }

    /// <summary>Written also after a fault, so that what was finished can be found; the fault is what counts then.</summary>
    public void TryWriteOverview()
    {
        try
        {
            if (Directory.Exists(folder))
                OverviewPage.Write(folder, model, _cards);
        }
        catch (BadInputException fault)
        {
            progress.Note($"error: {fault.Message}");
        }
    }

    /// <returns>The program's exit code.</returns>
    /// <exception cref="BadInputException">No input could be used.</exception>
    public int Finish(string device)
    {
        int faults = _entries.Count(e => e.Fault is not null);
        int resumed = _entries.Count(e => e.Resumed);
        if (resumed > 0)
            progress.Note($"{resumed} of {_entries.Count} inputs were done already");
        if (faults > 0)
            progress.Note($"{faults} of {_entries.Count} inputs could not be used");
        terminal.JsonResult(new DumpSummary(model, device, [.. _entries]), DumpJson.Readable.DumpSummary);
        if (faults == _entries.Count)
            throw new BadInputException(faults == 0 ? "there was no input" : $"none of {faults} inputs could be used, the first because of this: {_entries[0].Fault}");
        terminal.Result(Path.Combine(folder, ReportPage.FileName));
        return ExitCode.Done;
    }

    private void Add(DumpTarget target, FinishedDump dump)
    {
        bool resumed = target.Finished is not null;
        _cards.Add(OverviewCard.Of(Path.GetRelativePath(folder, target.Folder), dump));
        _entries.Add(new DumpSummary.Entry(target.Path, target.Folder, dump.Tensors.Length, dump.Skipped.Length, dump.Scores, resumed, null));
        terminal.Result($"{target.Path}: {dump.Tensors.Length} tensors in {target.Folder}{(resumed ? " (done already)" : "")}");
        if (dump.Scores is { } scores)
            terminal.Result($"  {scores}");
    }

    private void AddFault(string path, string fault)
    {
        if (isAlone)
            throw new BadInputException(fault);
        if (terminal.Quiet)
            terminal.Error.WriteLine($"error: {fault}");
        progress.Note($"error: {fault}");
        _entries.Add(new DumpSummary.Entry(path, null, 0, 0, null, false, fault));
    }

    private void Remark(DumpManifest manifest)
    {
        string preprocessing = $"preprocessing: {manifest.Preprocessing?.ToString() ?? "none"} ({manifest.PreprocessingSource})";
        if (preprocessing == _preprocessing)
            return;
        _preprocessing = preprocessing;
        foreach (string remark in manifest.Remarks)
            progress.Note(remark);
        progress.Note(preprocessing);
    }
}
