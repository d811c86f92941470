using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Inputs;
using CnnOnnx.Visualizer.Kernels;
using CnnOnnx.Visualizer.Manifest;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>All inputs of one command through the model, into folders or into a video.</summary>
internal sealed class DumpRun
{
    public required string Model { get; init; }

    public required IReadOnlyList<InputPath> Inputs { get; init; }

    public required DumpOptions Options { get; init; }

    /// <summary>Tensors for inputs of the model beside the main one.</summary>
    public required IReadOnlyDictionary<string, TensorData> Others { get; init; }

    public required VideoFrames Frames { get; init; }

    /// <summary>A single picture's results go into the folder itself, those of several into a folder each, below an overview.</summary>
    /// <returns>The program's exit code.</returns>
    public int ToFolder(string folder, Terminal terminal, CancellationToken cancel)
    {
        Action<string> note = terminal.Note;
        using var dumper = new Dumper(Model, Options, Others, folder, line => note(line));
        // A model that cannot be used leaves no folder behind.
        OutputFolder.Create(folder);
        Describe(dumper, terminal);
        bool isSingle = Inputs is [{ IsVideo: false }];
        var reader = new InputReader(Frames);
        long count = reader.Count(Inputs);
        using Progress progress = isSingle
            ? terminal.Start("drawing", dumper.Session.Tensors.Count, "tensors")
            : terminal.Start("dumping", count, "inputs");
        note = progress.Note;
        var names = new SafeNames();
        // It is there already.
        names.Unique(KernelWriter.Subfolder);
        var pipeline = new DumpPipeline(dumper, Options.Resume, item => isSingle ? folder : Path.Combine(folder, names.Unique(item.Name)));
        var results = new DumpResults(folder, Model, isAlone: count == 1, Options.Has(DumpParts.Report), progress, terminal);
        try
        {
            foreach (DrawnBatch drawn in pipeline.Drawn(reader.Items(Inputs, progress.Note), _ => progress.Advance(isSingle ? 1 : 0), cancel))
            {
                using DrawnBatch done = drawn;
                cancel.ThrowIfCancellationRequested();
                if (!Directory.Exists(results.First ?? folder))
                    throw new BadInputException($"{results.First ?? folder}: was removed while the dump was made");
                results.Add(drawn.Batch, dumper.Writer.Finish(drawn, cancel));
                progress.Advance(isSingle ? 0 : drawn.Batch.Targets.Count);
            }
        }
        finally
        {
            if (!isSingle)
                results.TryWriteOverview(dumper.Writer.Survey);
        }

        return results.Finish(dumper.Session.Device);
    }

    /// <summary>The mosaics of the one tensor that is selected, a frame an input. What was drawn before a fault or Ctrl-C is a whole video.</summary>
    /// <returns>The program's exit code.</returns>
    public int ToVideo(string path, Terminal terminal, CancellationToken cancel)
    {
        Action<string> note = terminal.Note;
        using var dumper = new Dumper(Model, Options, Others, "", line => note(line));
        Describe(dumper, terminal);
        if (dumper.Session.Tensors is not [var tensor])
            throw new BadInputException($"--video shows one tensor, but {dumper.Session.Tensors.Count} are selected: name it with --tensors");
        var reader = new InputReader(Frames);
        using Progress progress = terminal.Start("drawing", reader.Count(Inputs), "frames");
        note = progress.Note;
        var pipeline = new DumpPipeline(dumper, resume: false, item => item.Name);
        using var video = new MosaicVideo(path, Inputs.FirstOrDefault(i => i.IsVideo) is { } first ? Frames.Rate(first) : 1);
        int faults = 0;
        try
        {
            foreach (DumpBatch batch in pipeline.Runs(reader.Items(Inputs, progress.Note), cancel))
            {
                using DumpBatch done = batch;
                cancel.ThrowIfCancellationRequested();
                foreach (string fault in batch.Targets.Select(t => t.Fault ?? batch.Fault).OfType<string>())
                {
                    faults++;
                    progress.Note($"error: {fault}");
                }

                if (batch.Fault is null)
                    Draw(batch, tensor, video, progress);
            }
        }
        finally
        {
            if (video.Frames > 0)
                video.Finish();
        }

        if (video.Frames == 0)
            throw new BadInputException($"{path}: there was no picture to write");
        terminal.Result($"{path}: {video.Frames} frames of '{tensor}'");
        terminal.JsonResult(new VideoSummary(path, tensor, video.Frames), DumpJson.Readable.VideoSummary);
        return faults > 0 ? ExitCode.BadInput : ExitCode.Done;
    }

    private void Draw(DumpBatch batch, string tensor, MosaicVideo video, Progress progress)
    {
        foreach (Activations seen in batch.Parts)
        {
            using Activations part = seen;
            for (int sample = 0; sample < batch.Targets.Count; sample++)
            {
                using Activations one = part.OfSample(sample);
                using Mat mosaic = Mosaic.Render(one[tensor], Options.Mosaic);
                video.Add(mosaic);
                progress.Advance();
            }
        }
    }

    private void Describe(Dumper dumper, Terminal terminal)
    {
        ActivationSession session = dumper.Session;
        terminal.Note($"device: {session.Device}{(session.DeviceRemark is { } remark ? $" ({remark})" : "")}");
        (int needed, int all) = (session.NeededNodes, session.Model.Graph.Nodes.Length);
        terminal.Note($"{session.Selection}{(needed < all ? $"; {needed} of {all} nodes run" : "")}");
        foreach (SkippedTensor skipped in session.Skipped)
            terminal.Note($"skipped: '{skipped.Name}' {skipped.Reason}");
        if (dumper.Batch < Options.Batch)
            terminal.Note($"the model takes batches of {dumper.Batch}, so no more pictures are in a run");
    }
}
