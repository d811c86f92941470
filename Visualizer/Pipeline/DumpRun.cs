using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Dump;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Pipeline;

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
    public int ToFolder(string folder, Terminal terminal, CancellationToken cancel)
    {
        OutputFolder.Create(folder);
        using var dumper = new Dumper(Model, Options, Others, folder, terminal.Note);
        Describe(dumper.Session, terminal);
        bool isSingle = Inputs is [{ IsVideo: false }];
        var reader = new InputReader(Frames);
        long count = reader.Count(Inputs);
        using Progress progress = isSingle
            ? terminal.Start("drawing", dumper.Session.Tensors.Count, "tensors")
            : terminal.Start("dumping", count, "inputs");
        var names = new SafeNames();
        var pipeline = new DumpPipeline(dumper, Options, item => isSingle ? folder : Path.Combine(folder, names.Unique(item.Name)));
        var results = new DumpResults(folder, Model, isAlone: count == 1, progress, terminal);
        try
        {
            foreach (DumpBatch batch in pipeline.Runs(reader.Items(Inputs), cancel))
            {
                using DumpBatch done = batch;
                cancel.ThrowIfCancellationRequested();
                if (!Directory.Exists(folder))
                    throw new BadInputException($"{folder}: the folder of the results was removed");
                IReadOnlyList<DumpManifest> manifests = batch.Bound is null || batch.Fault is not null
                    ? []
                    : dumper.Write(batch, _ => progress.Advance(isSingle ? 1 : 0), cancel);
                results.Add(batch, manifests);
                progress.Advance(isSingle ? 0 : batch.Targets.Count);
            }
        }
        finally
        {
            if (!isSingle)
                results.TryWriteOverview();
        }

        return results.Finish(dumper.Session.Device);
    }

    /// <summary>The mosaics of the one tensor that is selected, a frame an input.</summary>
    public int ToVideo(string path, Terminal terminal, CancellationToken cancel)
    {
        using var dumper = new Dumper(Model, Options, Others, "", terminal.Note);
        Describe(dumper.Session, terminal);
        if (dumper.Session.Tensors is not [var tensor])
            throw new BadInputException($"--video shows one tensor, but {dumper.Session.Tensors.Count} are selected: name it with --tensors");
        var reader = new InputReader(Frames);
        using Progress progress = terminal.Start("drawing", reader.Count(Inputs), "frames");
        var pipeline = new DumpPipeline(dumper, Options with { Resume = false }, item => item.Name);
        using var video = new MosaicVideo(path, Inputs.FirstOrDefault(i => i.IsVideo) is { } first ? Frames.Rate(first) : 1);
        foreach (DumpBatch batch in pipeline.Runs(reader.Items(Inputs), cancel))
        {
            using DumpBatch done = batch;
            cancel.ThrowIfCancellationRequested();
            foreach (string fault in batch.Targets.Select(t => t.Fault ?? batch.Fault).OfType<string>())
                progress.Note($"error: {fault}");
            foreach (Activations seen in batch.Fault is null ? batch.Parts : [])
            {
                using Activations part = seen;
                for (int sample = 0; sample < batch.Targets.Count; sample++)
                {
                    using Mat mosaic = Mosaic.Render(part[tensor], Options.Mosaic with { Sample = sample });
                    video.Add(mosaic);
                    progress.Advance();
                }
            }
        }

        video.Finish();
        terminal.Result($"{path}: {video.Frames} frames of '{tensor}'");
        terminal.JsonResult(new { Video = path, Tensor = tensor, video.Frames });
        return ExitCode.Done;
    }

    private static void Describe(ActivationSession session, Terminal terminal)
    {
        terminal.Note($"device: {session.Device}{(session.DeviceRemark is { } remark ? $" ({remark})" : "")}");
        terminal.Note(session.Selection.ToString());
        foreach (SkippedTensor skipped in session.Skipped)
            terminal.Note($"skipped: '{skipped.Name}' {skipped.Reason}");
    }
}
