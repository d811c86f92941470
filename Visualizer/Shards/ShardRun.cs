using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Report;
using CnnOnnx.Visualizer.Survey;
using CnnOnnx.Visualizer.Tables;

namespace CnnOnnx.Visualizer.Shards;

/// <summary>The inputs of one shard through the model. Goes on where an earlier run of the same shard ended, however it ended.</summary>
internal sealed class ShardRun
{
    public required ShardPlan Plan { get; init; }

    /// <summary>Index of the shard, from 0.</summary>
    public required int Shard { get; init; }

    /// <summary>Path of the model here.</summary>
    public required string Model { get; init; }

    /// <summary>Path here of the folder that the names of the inputs start from.</summary>
    public required string Root { get; init; }

    public required DumpOptions Options { get; init; }

    /// <summary>Tensors for inputs of the model beside the main one.</summary>
    public required IReadOnlyDictionary<string, TensorData> Others { get; init; }

    private PlannedShard Part => Plan.Shards[Shard];

    /// <summary>Makes the shard's folder below the folder of all.</summary>
    /// <returns>The program's exit code: 0 also where inputs could not be used, which is told when the shards are merged.</returns>
    /// <exception cref="BadInputException">
    /// The model, an input or the list is another one than planned, or a folder cannot be written.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was asked to end; the picture in work is finished.</exception>
    public int ToFolder(string folder, Terminal terminal, CancellationToken cancel)
    {
        Plan.RequireModel(Model);
        PlannedInput[] inputs = PlanList.Read(Plan, Shard);
        string path = ShardFolder.PathOf(folder, Shard), identity = Plan.IdentityOf(Shard);
        using ShardFolder place = ShardFolder.Open(path, identity, Options.Force);
        try
        {
            if (!IsDone(path, identity, terminal))
                Make(place, inputs, terminal, cancel);
        }
        // What another process finishes and cleans up in the meantime is gone here.
        catch (Exception fault) when (fault is BadInputException or IOException && IsWhole(path, identity))
        {
            terminal.Note($"another process has finished it meanwhile ({fault.Message})");
        }

        terminal.Result(path);
        terminal.JsonResult(ShardMarker.Find(path), ShardJson.Readable.ShardMarker!);
        return ExitCode.Done;
    }

    private bool IsDone(string path, string identity, Terminal terminal)
    {
        if (ShardMarker.Find(path) is not { } marker || marker.Identity != identity)
            return false;
        if (marker.DamageIn(path) is { } damage)
        {
            terminal.Note($"shard {Shard} was done already, but {damage}: what is missing is made again");
            File.Delete(Path.Combine(path, ShardMarker.FileName));
            return false;
        }

        terminal.Note($"shard {Shard} of {Plan.Shards.Length} is done already");
        return true;
    }

    private static bool IsWhole(string path, string identity) =>
        ShardMarker.Find(path) is { } marker && marker.Identity == identity && marker.DamageIn(path) is null;

    private void Make(ShardFolder place, PlannedInput[] inputs, Terminal terminal, CancellationToken cancel)
    {
        Action<string> note = terminal.Note;
        using var lines = new ShardLines(place.Work);
        if (inputs.Length == 0)
        {
            Finish(place, new SurveyTotals(Part.First), lines, null, null, []);
            return;
        }

        using RowSpool? rows = Options.Tables is null ? null : new(place.Work, place.Path, Part.First);
        ShardCheckpoint? checkpoint = Options.Has(DumpParts.Folders) ? null : new(place.Path, Plan.IdentityOf(Shard));
        (long Next, SurveyTotals Totals)? before = checkpoint?.Read(lines, Part.First, rows);
        long next = before?.Next ?? Part.First;
        DumpOptions options = Options with { First = next, Resume = true, Fingerprint = Plan.IdentityOf(Shard) };
        using var dumper = new Dumper(Model, options, Others, place.Work, line => note(line)) { FinishedAt = place.PlaceOf };
        dumper.Survey!.GoOn(before?.Totals ?? new SurveyTotals(Part.First));
        DumpRun.Describe(dumper, Options, terminal);
        using Progress progress = terminal.Start("dumping", inputs.Length, "inputs");
        note = progress.Note;
        progress.Advance((int)(next - Part.First));
        bool hasReport = Options.Has(DumpParts.Report);
        var results = new DumpResults(place.Path, Model, inputs.Length, hasReport, progress, terminal) { IsPart = true };
        Run(dumper, place, inputs[(int)(next - Part.First)..], results, lines, rows, checkpoint, progress, cancel);
        results.TryWriteOverview(dumper.Survey, inputs.Length, isWhole: true);
        // The last checkpoint may have been the end.
        if (results.Done == 0 && lines.Done > 0)
            dumper.Survey.Write(place.Path);
        if (results.Resumed + next - Part.First is > 0 and var resumed)
            progress.Note($"{resumed} of {inputs.Length} inputs were done already");
        Finish(place, dumper.Survey.Totals, lines, rows, dumper.Session.Device,
            [.. results.Layers.Select(layer => new ShardLayer(layer.Index, layer.Name, layer.File))]);
        checkpoint?.Delete();
    }

    private void Run(Dumper dumper, ShardFolder place, PlannedInput[] inputs, DumpResults results, ShardLines lines,
        RowSpool? rows, ShardCheckpoint? checkpoint, Progress progress, CancellationToken cancel)
    {
        // Who asks this to end waits for the batch in work, and not for those that are made ahead of it.
        using var ahead = new CancellationTokenSource();
        int opened = 0, told = 0;
        IEnumerable<DrawnBatch> batches = dumper.Drawn(inputs.Select(input => input.ItemIn(Root)),
            _ => Path.Combine(place.Work, inputs[opened++].Folder), _ => { }, ahead.Token);
        try
        {
            foreach (DrawnBatch drawn in batches)
            {
                using DrawnBatch batch = drawn;
                FinishedBatch finished = Put(dumper.Finish(batch), place);
                results.Add(finished);
                for (int i = 0; i < finished.Targets.Count; i++)
                {
                    lines.Add(PictureOf(finished, i, inputs[told++]));
                    if (rows is not null && finished.RowsOf(i, Options.Tables!) is { } picture)
                        rows.Add(picture);
                }

                progress.Advance(finished.Targets.Count);
                // Pictures that run together are finished together, also those of other sizes and those that are none.
                long next = finished.Targets[^1].Number + 1;
                if (next % Plan.Batch != 0)
                    continue;
                if (checkpoint is not null && (checkpoint.IsDue || cancel.IsCancellationRequested))
                    checkpoint.Write(next, lines, dumper.Survey!.Totals, rows);
                cancel.ThrowIfCancellationRequested();
            }
        }
        catch
        {
            ahead.Cancel();
            throw;
        }
    }

    private static FinishedBatch Put(FinishedBatch made, ShardFolder place)
    {
        if (made.Before.Seen.Count > 0)
            return made with { Targets = [.. made.Targets.Select(target => target with { Folder = place.Path })] };
        if (made.Manifests.Count == 0)
            return made;
        foreach (DumpTarget target in made.Targets)
            place.Put(target.Folder, target.Fingerprint);
        return made with { Targets = [.. made.Targets.Select(target => target with { Folder = place.PlaceOf(target.Folder) })] };
    }

    private static ShardedPicture PictureOf(FinishedBatch batch, int target, PlannedInput input)
    {
        DumpTarget of = batch.Targets[target];
        if (batch.DumpOf(target) is not { } dump)
            return new ShardedPicture(of.Number, input.Name, null, null, null, batch.Before.Fault);
        string? folder = batch.Before.Seen.Count > 0 ? null : input.Folder;
        return new ShardedPicture(of.Number, input.Name, folder, OverviewCard.Of(input.Folder, dump).Answer, dump.Input.Picture, null);
    }

    // The marker is the last file: where it is, everything is.
    private void Finish(ShardFolder place, SurveyTotals totals, ShardLines lines, RowSpool? rows, string? device, ShardLayer[] layers)
    {
        if (IsWhole(place.Path, Plan.IdentityOf(Shard)))
            return;
        IReadOnlyList<string> tables = rows is null ? [] : WriteTables(place, rows);
        lines.MoveTo(place.Path);
        AtomicFile.Write(Path.Combine(place.Path, ShardFolder.StateFile), totals.WriteTo);
        string[] files = [ShardFolder.StateFile, ShardedPicture.FileName, ChannelSurvey.FileName, ChannelSurvey.TableFileName,
            LayersFile.FileName, LayersFile.TopFileName, .. tables];
        new ShardMarker(ShardMarker.CurrentFormat, Plan.IdentityOf(Shard), Plan.Settings, Shard, Plan.Shards.Length, Part.First, Part.Count,
            lines.Done, lines.Faults, Path.GetFullPath(Model), Plan.ModelSha256, Plan.Options, device, layers,
            [.. files.Where(name => File.Exists(Path.Combine(place.Path, name))).Select(name => ShardFile.Of(place.Path, name))])
            .Write(place.Path);
        place.Clean();
    }

    // Made where a process that is killed leaves nothing, and put into their place whole.
    private IReadOnlyList<string> WriteTables(ShardFolder place, RowSpool rows)
    {
        using var tables = new TableWriter(place.Work, Shard);
        foreach (PictureRows picture in rows.Read())
            tables.Add(picture);
        IReadOnlyList<string> made = tables.Commit();
        foreach (string name in made)
        {
            string path = Path.Combine(place.Path, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(Path.Combine(place.Work, name), path, overwrite: true);
        }

        return made;
    }
}
