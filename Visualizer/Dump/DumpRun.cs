using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Kernels;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Tables;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>All inputs of one command through the model, into folders or into a video.</summary>
internal sealed class DumpRun
{
    public required string Model { get; init; }

    public required InputList Inputs { get; init; }

    public required DumpOptions Options { get; init; }

    /// <summary>Tensors for inputs of the model beside the main one.</summary>
    public required IReadOnlyDictionary<string, TensorData> Others { get; init; }

    /// <summary>Called with the path of the report in the end; null when nobody wants to see it.</summary>
    public Action<string>? Show { get; init; }

    /// <summary>A single picture's results go into the folder itself, those of several into a folder each, below an overview.</summary>
    /// <returns>The program's exit code.</returns>
    public int ToFolder(string folder, Terminal terminal, CancellationToken cancel)
    {
        Action<string> note = terminal.Note;
        // A run that goes on with an earlier one leaves what that one made, and who asks for it knows what is there.
        EarlierResults? earlier = Options.Resume ? null : EarlierResults.Look(folder, Options.Force);
        using var dumper = new Dumper(Model, Options, Others, folder, line => note(line));
        using var place = new OutputFolder(folder);
        // Each input keeps or clears away what is its own.
        place.Complete();
        Describe(dumper, Options, terminal);
        DescribeInputs(terminal);
        bool isSingle = Inputs.IsSingle;
        long count = Inputs.Count();
        using Progress progress = isSingle
            ? terminal.Start("drawing", dumper.Session.Tensors.Count, "tensors")
            : terminal.Start("dumping", count, "inputs");
        note = progress.Note;
        var names = new SafeNames();
        // They are there already.
        names.Unique(KernelWriter.Subfolder);
        names.Unique(TableFiles.Folder);
        using TableWriter? tables = Options.Tables is null ? null : new TableWriter(folder, shard: 0);
        var results = new DumpResults(folder, Model, count, Options.Has(DumpParts.Report), progress, terminal);
        bool isWhole = false;
        try
        {
            IEnumerable<DrawnBatch> batches = dumper.Drawn(Inputs.Items(progress.Note),
                item => isSingle || !Options.Has(DumpParts.Folders) ? folder : Path.Combine(folder, names.Unique(item.Name)),
                _ => progress.Advance(isSingle ? 1 : 0), cancel);
            ForEach(batches, batch =>
            {
                if (!Directory.Exists(results.First ?? folder))
                    throw new BadInputException($"{results.First ?? folder}: was removed while the dump was made");
                FinishedBatch finished = dumper.Finish(batch);
                results.Add(finished);
                for (int i = 0; tables is not null && i < finished.Targets.Count; i++)
                    if (finished.RowsOf(i, Options.Tables!) is { } rows)
                        tables.Add(rows);
                progress.Advance(isSingle ? 0 : batch.Targets.Count);
            }, cancel);
            if (tables is not null)
                Finish(tables, folder, progress.Note);
            isWhole = true;
        }
        finally
        {
            if (!isSingle)
                results.TryWriteOverview(dumper.Survey, count, isWhole);
        }

        int code = results.Finish(dumper.Session.Device);
        earlier?.RemoveStale(results.Folders);
        Show?.Invoke(results.Page);
        return code;
    }

    /// <summary>
    /// The mosaics of the one tensor that is selected, a frame an input. What was drawn before a fault or Ctrl-C is a whole
    /// video.
    /// </summary>
    /// <returns>The program's exit code.</returns>
    public int ToVideo(string path, Terminal terminal, CancellationToken cancel)
    {
        Action<string> note = terminal.Note;
        using var dumper = new Dumper(Model, Options with { Resume = false }, Others, "", line => note(line));
        Describe(dumper, Options with { Without = DumpParts.Folders }, terminal);
        DescribeInputs(terminal);
        if (dumper.Session.Tensors is not [var tensor])
            throw new BadInputException($"--video shows one tensor, but {dumper.Session.Tensors.Count} are selected: "
                + "name it with --tensors");
        using Progress progress = terminal.Start("drawing", Inputs.Count(), "frames");
        note = progress.Note;
        using var video = new MosaicVideo(path, Inputs.FrameRate());
        int faults = 0;
        ChannelLayouts layouts = ChannelLayouts.Of(dumper.Session.Model.Graph, Options.Layout);
        try
        {
            ForEach(dumper.Runs(Inputs.Items(progress.Note), item => item.Name, cancel), batch =>
            {
                string? fault = batch.Fault
                    ?? dumper.Runner.ForEachPart(batch, part => Draw(part, batch.Targets.Count, tensor, layouts, video, progress), cancel)
                        .Fault;
                if (fault is null)
                    return;
                // One that cannot run is a fault of every input in it.
                faults += batch.Targets.Count;
                foreach (DumpTarget _ in batch.Targets)
                    progress.Note($"error: {fault}");
            }, cancel);
        }
        finally
        {
            if (video.Frames > 0)
                video.Finish();
        }

        if (video.Frames == 0)
            throw new BadInputException($"{path}: there was no picture to write");
        terminal.Result($"{path}: {video.Frames} frames of '{tensor}'");
        terminal.JsonResult(new VideoSummary(path, tensor, video.Frames), SummaryJson.Readable.VideoSummary);
        return faults > 0 ? ExitCode.BadInput : ExitCode.Done;
    }

    // Tables of a part of the inputs would be taken for those of all: they are there when all inputs were looked at.
    private static void Finish(TableWriter tables, string folder, Action<string> note)
    {
        foreach (string tensor in tables.Ragged)
            note($"'{tensor}' has not as many channels for each input: its vectors are in the tables, and in no NumPy file");
        TableFiles.RemoveAllBut(folder, tables.Commit());
    }

    private static void ForEach<T>(IEnumerable<T> batches, Action<T> use, CancellationToken cancel) where T : IDisposable
    {
        foreach (T batch in batches)
        {
            using T done = batch;
            cancel.ThrowIfCancellationRequested();
            use(batch);
        }
    }

    private void Draw(
        Activations part, int samples, string tensor, ChannelLayouts layouts, MosaicVideo video, Progress progress)
    {
        for (int sample = 0; sample < samples; sample++)
        {
            using Activations one = part.OfSample(sample);
            ChannelLayout layout = layouts.Of(tensor, one[tensor].Shape.Rank).Layout;
            using Mat mosaic = Mosaic.Render(one[tensor], Options.Mosaic with { Channels = layout });
            video.Add(mosaic);
            progress.Advance();
        }
    }

    /// <summary>Tells the device that is used, and what of the model is shown.</summary>
    /// <param name="dumper">Runs the model.</param>
    /// <param name="options">Settings of the dump.</param>
    /// <param name="terminal">Gets the remarks.</param>
    public static void Describe(Dumper dumper, DumpOptions options, Terminal terminal)
    {
        ActivationSession session = dumper.Session;
        (int needed, int all) = (session.NeededNodes, session.Model.Graph.Nodes.Length);
        terminal.Note($"device: {session.Device}{(session.DeviceRemark is { } remark ? $" ({remark})" : "")}; "
            + $"{session.Selection}{(needed < all ? $"; {needed} of {all} nodes run" : "")}");
        if (session.Names?.Remark is { } names)
            terminal.Note(Assumptions.Names(names));
        if (session.Skipped is [var first, ..])
            terminal.Note($"skipped: '{first.Name}' {first.Reason}"
                + (session.Skipped.Count > 1 ? $"; and {session.Skipped.Count - 1} more, which the manifest lists" : ""));
        // Manifests tell it otherwise.
        if (!options.Has(DumpParts.Folders) && session.Guess is { } guess)
            terminal.Note(Assumptions.Line(guess, null));
        if (dumper.Batch < options.Batch)
            terminal.Note($"the model takes batches of {dumper.Batch}, so no more pictures are in a run");
    }

    private void DescribeInputs(Terminal terminal)
    {
        if (Inputs.LeftOut.Count > 0)
            terminal.Note($"no inputs, and left out: {string.Join(", ", Inputs.LeftOut.Select(kind => $"{kind.Value} {kind.Key}"))}");
    }
}
