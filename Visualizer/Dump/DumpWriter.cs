using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Rendering;
using CnnOnnx.Statistics;
using CnnOnnx.Visualizer.Interchange;
using CnnOnnx.Visualizer.Kernels;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Report;
using CnnOnnx.Visualizer.Survey;
using CnnOnnx.Visualizer.Tables;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Writes a folder for each input of a run: pictures, numbers, report.</summary>
/// <param name="session">Session that makes the runs.</param>
/// <param name="runner">Stage that hands out their tensors.</param>
/// <param name="model">The session's model.</param>
/// <param name="options">Choice of files.</param>
/// <param name="folder">Folder of all results; the kernels, which every report shows, go here once.</param>
internal sealed class DumpWriter(ActivationSession session, DumpRunner runner, ModelRecord model, DumpOptions options, string folder)
{
    // What stands beside maps in a report: large enough to see, and quick.
    private const int KernelSide = 1024;
    private const long LargestKernel = 4 << 20;

    private readonly Dictionary<string, int> _indices = session.Model.Graph.NodeOutputs.Select((name, i) => (name, i)).ToDictionary();
    private readonly ChannelLayouts _layouts = LayoutsOf(session, options);
    private readonly IReadOnlyDictionary<string, string> _plumbing = Plumbing.Of(session.Model.Graph);
    private readonly IReadOnlyDictionary<string, string> _weightsBehind = WeightsBehind.Of(session.Model.Graph);
    private readonly HoverFields _fields = new(session.Model.Graph, session.MainInput);
    // Of the first run, as everything that is the same for all.
    private IReadOnlyList<OutputDifference>? _difference;
    private Lazy<IReadOnlyList<KernelRecord>>? _kernels;
    private int _drawing;

    /// <summary>Survey of all channels over all inputs; null when nobody asked.</summary>
    public ChannelSurvey? Survey { get; } = options.Survey
        ? new ChannelSurvey(session.Model.Graph, LayoutsOf(session, options), new SurveyTotals(options.First ?? 0)) : null;

    /// <summary>True until a first run is drawn, beside which no other is: some of what it finds out stands in all manifests.</summary>
    public bool NeedsFirst => options.Has(DumpParts.Folders) && _kernels is null;

    /// <summary>Draws the tensors of a batch that was run, part by part. Called from several threads, after the first.</summary>
    /// <param name="batch">Its tensors are disposed.</param>
    /// <param name="drawn">Called with the name of each tensor that is drawn, from any thread.</param>
    /// <param name="cancel">Stops between two tensors.</param>
    /// <returns>The caller disposes it, and with it the batch.</returns>
    /// <exception cref="BadInputException">A folder cannot be written.</exception>
    public DrawnBatch Draw(RunBatch batch, Action<string> drawn, CancellationToken cancel)
    {
        if (!batch.HasTensors)
            return new DrawnBatch(batch, [], 0, batch.Fault);
        if (!options.Has(DumpParts.Folders))
            return Look(batch, cancel);
        var folders = new List<DumpFolder>();
        try
        {
            foreach (DumpTarget target in batch.Targets)
                folders.Add(new DumpFolder(
                    target.Folder, options, session.Model, _indices, _layouts, session.Names?.Labels, _plumbing));
            var differences = new List<OutputDifference>();
            (double milliseconds, string? fault) = runner.ForEachPart(
                batch, part => Draw(part, batch.Targets, folders, differences, drawn, cancel), cancel);
            string[] outputs = [.. session.Model.Graph.Outputs.Select(o => o.Name)];
            if (fault is not null)
            {
                folders.ForEach(folder => folder.Dispose());
                return new DrawnBatch(batch, [], 0, fault);
            }

            _difference ??= [.. differences.OrderBy(d => Array.IndexOf(outputs, d.Name))];
            InputSpec? preprocessing = batch.Before.Values!.Preprocessing;
            _kernels ??= new(() => WriteKernels(preprocessing, cancel));
            return new DrawnBatch(batch, folders, milliseconds, null);
        }
        catch
        {
            folders.ForEach(folder => folder.Dispose());
            batch.Dispose();
            throw;
        }
    }

    /// <summary>Writes what is known only when everything is drawn. Called from several threads.</summary>
    /// <param name="drawn">The batch; disposed when it cannot be written.</param>
    /// <param name="cancel">Stops between two weights.</param>
    /// <returns>The batch with its manifests.</returns>
    /// <exception cref="BadInputException">A folder cannot be written.</exception>
    public DrawnBatch Write(DrawnBatch drawn, CancellationToken cancel)
    {
        if (drawn.Folders.Count == 0)
            return drawn;
        try
        {
            var manifests = new DumpManifest[drawn.Folders.Count];
            ParallelWork.For(manifests.Length, options.PicturesAtOnce, cancel,
                i => manifests[i] = Write(drawn, drawn.Targets[i], drawn.Folders[i]));
            return drawn with { Manifests = manifests };
        }
        catch
        {
            drawn.Dispose();
            throw;
        }
    }

    /// <summary>Completes the folders, and tells the survey, also of what an earlier run finished.</summary>
    /// <exception cref="BadInputException">A folder cannot be written.</exception>
    public void Finish(DrawnBatch drawn)
    {
        foreach (DumpTarget target in drawn.Targets.Where(t => t.Finished is not null))
        {
            ResultFiles.Settle(target.Folder);
            Survey?.AddFinished(target.Item.Label, target.Number, target.Folder);
        }

        for (int i = 0; i < drawn.Seen.Count; i++)
            Survey?.Add(drawn.Seen[i].Picture, drawn.Targets[i].Number);
        for (int i = 0; i < drawn.Folders.Count; i++)
        {
            drawn.Folders[i].Complete();
            if (drawn.Folders[i].Surveyed is { } surveyed)
                Survey!.Add(surveyed, drawn.Targets[i].Number);
        }
    }

    // Nothing is drawn where the inputs get no folders.
    private DrawnBatch Look(RunBatch batch, CancellationToken cancel)
    {
        try
        {
            SeenInput[] seen = [.. batch.Targets.Select(target => new SeenInput(new SurveyedPicture(target.Item.Label), null))];
            (double milliseconds, string? fault) = runner.ForEachPart(batch, part =>
            {
                Each(part, seen.Length, cancel, (i, own, threads) =>
                {
                    var numbers = new TensorNumbers[own.Count];
                    ParallelWork.For(own.Count, threads, cancel, t =>
                        numbers[t] = TensorNumbers.Of(own[t], _layouts.Of(own[t].Name, own[t].Shape.Rank).Layout));
                    Survey?.Look(seen[i].Picture, own, numbers, threads);
                    seen[i] = seen[i] with
                    {
                        Scores = seen[i].Scores ?? own.Scores,
                        Rows = options.Tables is not { } tables ? []
                            : [.. seen[i].Rows, .. own.Select((a, t) => TensorRow.Of(_indices[a.Name], a, numbers[t], tables))],
                    };
                });
            }, cancel);
            return new DrawnBatch(batch, [], milliseconds, fault) { Seen = fault is null ? seen : [] };
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private void Draw(Activations part, IReadOnlyList<DumpTarget> targets, List<DumpFolder> folders, List<OutputDifference> differences,
        Action<string> drawn, CancellationToken cancel)
    {
        if (_difference is null)
            differences.AddRange(session.CompareWithPlain(part).ExceptBy(differences.Select(d => d.Name), d => d.Name));
        Each(part, targets.Count, cancel, (i, own, threads) =>
        {
            IReadOnlyList<TensorNumbers> numbers =
                folders[i].Add(own, targets[i].Read!.Input!, session.MainInput, threads, drawn, cancel);
            Survey?.Look(folders[i].Surveyed ??= new SurveyedPicture(targets[i].Item.Label), own, numbers, threads);
        });
    }

    // Each sample of a batch, several at a time as single pictures are, which share the threads.
    private void Each(Activations part, int samples, CancellationToken cancel, Action<int, Activations, int> use) =>
        ParallelWork.For(samples, options.PicturesAtOnce, cancel, i =>
        {
            using Activations? one = samples > 1 || part.IsFilled ? part.OfSample(i) : null;
            int drawing = Interlocked.Increment(ref _drawing);
            try
            {
                use(i, one ?? part, Math.Max(1, options.Threads / drawing));
            }
            finally
            {
                Interlocked.Decrement(ref _drawing);
            }
        });

    private DumpManifest Write(DrawnBatch batch, DumpTarget target, DumpFolder own)
    {
        RunInputs bound = batch.Before.Before.Values!;
        var manifest = new DumpManifest
        {
            Fingerprint = target.Fingerprint,
            Model = model,
            Input = own.Input!,
            Preprocessing = bound.Preprocessing,
            PreprocessingSource = PreprocessingSource(bound),
            Guess = bound.Guess,
            Device = session.Device,
            Optimization = options.Activation.Optimization,
            NeededNodes = session.NeededNodes,
            RunMilliseconds = Math.Round(batch.Milliseconds / batch.Targets.Count, 2),
            ExposureDifference = _difference!,
            Remarks = [.. bound.Remarks],
            Scores = own.Scores,
            OutputPicture = own.Output,
            Detected = own.Boxes,
            Tensors = [.. own.Tensors.Select(t => WithCost(t, batch.Before.Costs?[t.Name]))],
            Skipped = session.Skipped,
            LeftOut = session.Selection.LeftOut.ToDictionary(),
            Kernels = [.. _kernels!.Value.Select(k => k with
            {
                File = Relative(target.Folder, Path.Combine(folder, k.File)),
                Values = k.Values is null ? null : Relative(target.Folder, Path.Combine(folder, k.Values)),
            })],
            Raw = own.Finish(),
            Files = [],
        };
        if (options.Interchange)
        {
            NetronAttachment.Write(target.Folder, manifest);
            ModelExplorerData.Write(target.Folder, session.Model.Graph.Name, manifest);
        }

        if (own.Surveyed is { } surveyed)
            SurveyedFile.Write(target.Folder, surveyed);
        WriteReport(target.Folder, manifest, own, new ReportFacts(
            session.Names?.Labels, _weightsBehind, options.SelfContained, RootOf(target.Folder), options.Values, _fields));
        return manifest;
    }

    // The manifest is made beside the report, which takes as long: its last lines are the report's files, too.
    private void WriteReport(string place, DumpManifest manifest, DumpFolder own, ReportFacts facts)
    {
        var reported = new TaskCompletionSource();
        DumpManifest listed = manifest with { Files = After(reported.Task, own.Files) };
        var json = Task.Run(() => own.WriteManifest(listed), CancellationToken.None);
        try
        {
            if (options.Has(DumpParts.Report))
                ReportPage.Write(place, manifest, facts);
        }
        finally
        {
            reported.SetResult();
            json.GetAwaiter().GetResult();
        }
    }

    private static IEnumerable<string> After(Task before, Func<string[]> files)
    {
        before.Wait();
        foreach (string file in files())
            yield return file;
    }

    private TensorRecord WithCost(TensorRecord tensor, TensorCost? cost) => cost is null || !options.Profile ? tensor
        : tensor with { Bytes = cost.Bytes, Milliseconds = cost.Milliseconds, Provider = cost.Provider };

    private IReadOnlyList<KernelRecord> WriteKernels(InputSpec? preprocessing, CancellationToken cancel)
    {
        if (!options.Has(DumpParts.Kernels))
            return [];
        var users = session.Tensors.Select(name => session.Model.Graph.Producer(name)).ToHashSet();
        NetworkWeight[] weights = [.. NetworkWeights.Of(session.Model)
            .Where(w => w.Shape.Count <= LargestKernel && users.Contains(w.Node))];
        var look = new KernelOptions
        {
            Colormap = options.Mosaic.Colormap,
            Theme = options.Mosaic.Theme,
            Legend = options.Mosaic.Legend,
            InputChannels = preprocessing?.Channels ?? ChannelOrder.Gray,
            MaxSide = KernelSide,
        };
        return new KernelWriter(folder, look, options.Threads).Write(weights, _ => { }, cancel);
    }

    private string PreprocessingSource(RunInputs bound) => bound.Preprocessing is null ? "tensors were given"
        : session.Model.Card.Input is null && bound.Guess is null ? "given by options"
        : (bound.Guess?.ToString() ?? "model card") + (options.Activation.Preprocessing is null ? "" : ", changed by options");

    private static ChannelLayouts LayoutsOf(ActivationSession session, DumpOptions options) =>
        ChannelLayouts.Of(session.Model.Graph, options.Layout);

    // From a report to the page above it; empty where there is none.
    private string RootOf(string place) => Path.GetFullPath(place) == Path.GetFullPath(folder) ? "" : Relative(place, folder) + "/";

    private static string Relative(string from, string path) => Path.GetRelativePath(from, path).Replace('\\', '/');
}
