using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Rendering;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Dump;

namespace CnnOnnx.Visualizer.Bench;

/// <summary>Times the stages of a dump. They take turns, so that what else the machine does meets all of them alike.</summary>
internal sealed class DumpBench(string modelPath, DumpOptions options, int runs)
{
    private const int WarmUp = 3;

    /// <param name="open">Makes the input; the result is disposed here.</param>
    /// <param name="step">Called after each of the runs, of which <see cref="Steps"/> are made.</param>
    /// <param name="cancel">Stops between two runs.</param>
    public BenchResult Run(Func<ModelInput> open, Action step, CancellationToken cancel)
    {
        using ActivationSession session = ActivationSession.Open(modelPath, options.Activation with { SharesProcessor = false });
        using ModelInput input = open();
        using RunInputs bound = new InputWalk(session).Bind([.. Enumerable.Repeat(input, options.Batch)]);
        using BaselineRun baseline = session.OpenBaseline(bound);
        using Activations batch = session.Run(bound, cancel), kept = batch.OfSample(0);
        var pictures = new IndexedPicture[kept.Count];
        var files = new byte[kept.Count][];
        (string Name, Action Work)[] stages =
        [
            (BenchResult.Plain, baseline.RunPlain),
            (BenchResult.Exposed, baseline.RunExposed),
            (BenchResult.IntoMemory, () => session.Run(bound, cancel).Dispose()),
            .. baseline.StaysOnDevice ? [(BenchResult.OnDevice, baseline.RunOnDevice)] : Array.Empty<(string, Action)>(),
            (BenchResult.Statistics, () => Each(kept.Count, i => TensorNumbers.Of(kept[i]), cancel)),
            (BenchResult.Render, () => Each(kept.Count, i => Replace(pictures, i, Mosaic.Draw(kept[i], options.Mosaic)), cancel)),
            (BenchResult.Encode, () => Each(kept.Count, i => files[i] = pictures[i].EncodePng(), cancel)),
        ];
        var watches = stages.ToDictionary(s => s.Name, s => new StageWatch(s.Name));
        for (int run = 0; run < runs + WarmUp; run++)
        {
            foreach ((string name, Action work) in stages)
                watches[name].Time(work, counts: run >= WarmUp);
            // The two that are compared come first and second as often: what ran before has left its threads and its cache behind.
            (stages[1], stages[2]) = (stages[2], stages[1]);
            cancel.ThrowIfCancellationRequested();
            step();
        }

        double megapixels = pictures.Sum(p => (double)p.Width * p.Height) / 1e6;
        Array.ForEach(pictures, p => p.Dispose());
        (double ratio, double processorRatio) = watches[BenchResult.IntoMemory].RatioTo(watches[BenchResult.Exposed]);
        return new BenchResult
        {
            Model = modelPath,
            Guess = bound.Guess,
            Device = session.Device,
            Threads = options.Threads,
            Runs = runs,
            Batch = options.Batch,
            OnCpu = baseline.HasDevice ? OnCpu(session.Measure(bound, 1, cancel)) : [],
            CopiesPlainly = baseline.IsRefused,
            Tensors = kept.Count,
            Bytes = batch.Sum(a => (long)a.Raw.Length),
            Megapixels = megapixels,
            EncodedMegabytes = files.Sum(f => (double)f.Length) / 1e6,
            MemoryToExposed = ratio,
            ProcessorMemoryToExposed = processorRatio,
            Stages = [.. watches.Values.Select(w => w.Median), TimeDumps(open, step, cancel)],
        };
    }

    private static string[] OnCpu(IReadOnlyDictionary<string, TensorCost> costs) =>
        [.. costs.Where(c => c.Value.Provider == ExecutionProviders.Cpu.RuntimeName).Select(c => c.Key)];

    /// <summary>How often <see cref="Run"/> calls its step.</summary>
    public int Steps => 2 * (runs + WarmUp);

    // Several are made at a time and come in bursts: the mean of all, and not a median, is the time from one folder to the next.
    private BenchStage TimeDumps(Func<ModelInput> open, Action step, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("cnnonnx-bench-").FullName;
        try
        {
            using var dumper = new Dumper(modelPath, options, new Dictionary<string, TensorData>(), folder);
            IEnumerable<InputItem> items = Enumerable.Range(0, (runs + WarmUp) * options.Batch)
                .Select(i => new InputItem("", $"{i}", $"{i}", open));
            using IEnumerator<DrawnBatch> batches =
                dumper.Drawn(items, item => Path.Combine(folder, item.Name), _ => { }, cancel).GetEnumerator();
            Finish(WarmUp);
            return StageWatch.MeanOf(BenchResult.Dump, runs, () => Finish(runs));

            void Finish(int count)
            {
                for (int i = 0; i < count; i++)
                {
                    batches.MoveNext();
                    using DrawnBatch drawn = batches.Current;
                    dumper.Finish(drawn);
                    step();
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Each(int count, Action<int> work, CancellationToken cancel) => ParallelWork.For(count, options.Threads, cancel, work);

    private static void Replace(IndexedPicture?[] pictures, int place, IndexedPicture picture)
    {
        pictures[place]?.Dispose();
        pictures[place] = picture;
    }
}
