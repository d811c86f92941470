using CnnOnnx.Visualizer.Inputs;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>
/// From inputs to drawn tensors. While one is finished by the caller, the next is drawn, the one after it run, and the pictures
/// of those behind are read:
///
///   read, decode, resize ──▶ (2 batches) ──▶ network ──▶ (1 run) ──▶ draw ──▶ (1 batch) ──▶ the caller
///
/// The order is that of the inputs.
/// </summary>
/// <param name="dumper">Runs the model.</param>
/// <param name="resume">Skips what is whole.</param>
/// <param name="folderOf">Where the results of an input go; asked once for each, in order.</param>
internal sealed class DumpPipeline(Dumper dumper, bool resume, Func<InputItem, string> folderOf)
{
    private const int ReadAhead = 2, RunAhead = 1, DrawAhead = 1;

    /// <summary>The caller disposes each. What cannot be read or run says so in its place.</summary>
    public IEnumerable<DumpBatch> Runs(IEnumerable<InputItem> items, CancellationToken cancel) =>
        Batches(items).Ahead(ReadAhead, cancel).Select(batch => Run(batch, cancel)).Ahead(RunAhead, cancel);

    /// <summary>The same, with their tensors drawn.</summary>
    public IEnumerable<DrawnBatch> Drawn(IEnumerable<InputItem> items, Action<string> drawn, CancellationToken cancel) =>
        Runs(items, cancel).Select(batch => dumper.Writer.Draw(batch, drawn, cancel)).Ahead(DrawAhead, cancel);

    private IEnumerable<DumpBatch> Batches(IEnumerable<InputItem> items)
    {
        var waiting = new List<DumpTarget>();
        int batch = dumper.Batch;
        foreach (InputItem item in items)
        {
            DumpTarget target = Open(item);
            bool joins = target.Input is not null && (waiting.Count == 0 || dumper.CanJoin(waiting[0].Input!, target.Input));
            if (!joins && waiting.Count > 0)
                yield return Take(waiting);
            waiting.Add(target);
            if (target.Input is null || waiting.Count == batch)
                yield return Take(waiting);
        }

        if (waiting.Count > 0)
            yield return Take(waiting);
    }

    private DumpTarget Open(InputItem item)
    {
        string folder = folderOf(item);
        var target = new DumpTarget(item.Path, folder, dumper.FingerprintOf(item.Identity));
        if (resume && FinishedDump.Find(folder, target.Fingerprint) is { } finished)
            return target with { Finished = finished };
        try
        {
            return target with { Input = item.Open() };
        }
        catch (BadInputException fault)
        {
            return target with { Fault = fault.Message };
        }
    }

    private DumpBatch Take(List<DumpTarget> waiting)
    {
        var batch = new DumpBatch([.. waiting]);
        waiting.Clear();
        if (batch.Targets[0].Input is null)
            return batch;
        try
        {
            batch.Bound = dumper.Bind([.. batch.Targets.Select(t => t.Input!)]);
        }
        catch (BadInputException fault)
        {
            batch.Fault = fault.Message;
        }

        return batch;
    }

    private DumpBatch Run(DumpBatch batch, CancellationToken cancel)
    {
        if (batch.Bound is null)
            return batch;
        try
        {
            dumper.Run(batch, cancel);
        }
        catch (BadInputException fault)
        {
            batch.Fault = fault.Message;
        }
        catch
        {
            batch.Dispose();
            throw;
        }

        return batch;
    }
}
