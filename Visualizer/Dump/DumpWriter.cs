using System.Text.Json;
using CnnOnnx.Files;
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
    private IReadOnlyList<OutputDifference>? _difference;
    private IReadOnlyList<KernelRecord>? _kernels;

    /// <summary>Survey of all channels over all inputs; null when nobody asked.</summary>
    public ChannelSurvey? Survey { get; } = options.Survey
        ? new ChannelSurvey(session.Model.Graph, LayoutsOf(session, options), options.Threads, new SurveyTotals(options.First ?? 0)) : null;

    /// <summary>Draws the tensors of a batch that was run, part by part.</summary>
    /// <param name="batch">Its tensors are disposed.</param>
    /// <param name="drawn">Called with the name of each tensor that is drawn, from any thread.</param>
    /// <param name="cancel">Stops between two tensors.</param>
    /// <returns>The caller disposes it, and with it the batch.</returns>
    /// <exception cref="BadInputException">A folder cannot be written.</exception>
    public DrawnBatch Draw(RunBatch batch, Action<string> drawn, CancellationToken cancel)
    {
        if (batch.Before.Values is null || batch.Fault is not null)
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
            return new DrawnBatch(batch, folders, milliseconds, null);
        }
        catch
        {
            folders.ForEach(folder => folder.Dispose());
            batch.Dispose();
            throw;
        }
    }

    /// <summary>Writes what is known only when everything is drawn, and tells the survey, also of what an earlier run finished.</summary>
    /// <returns>Manifests, one a target; none after a fault.</returns>
    /// <exception cref="BadInputException">A folder cannot be written.</exception>
    public IReadOnlyList<DumpManifest> Finish(DrawnBatch drawn, CancellationToken cancel)
    {
        foreach (DumpTarget target in drawn.Targets.Where(t => t.Finished is not null))
        {
            ResultFiles.Settle(target.Folder);
            Survey?.AddFinished(target.Item.Label, target.Number, target.Folder);
        }

        for (int i = 0; i < drawn.Seen.Count; i++)
            Survey?.Add(drawn.Seen[i].Picture, drawn.Targets[i].Number);
        if (drawn.Folders.Count == 0)
            return [];
        _kernels ??= WriteKernels(drawn.Before.Before.Values!.Preprocessing, cancel);
        return [.. drawn.Targets.Select((target, i) => Finish(drawn, target, drawn.Folders[i]))];
    }

    // Nothing is drawn where the inputs get no folders.
    private DrawnBatch Look(RunBatch batch, CancellationToken cancel)
    {
        try
        {
            SeenInput[] seen = [.. batch.Targets.Select(target => new SeenInput(new SurveyedPicture(target.Item.Label), null))];
            (double milliseconds, string? fault) = runner.ForEachPart(batch, part =>
            {
                for (int i = 0; i < seen.Length; i++)
                {
                    using Activations? one = seen.Length > 1 || part.IsFilled ? part.OfSample(i) : null;
                    Activations own = one ?? part;
                    var numbers = new TensorNumbers[own.Count];
                    ParallelWork.For(own.Count, options.Threads, cancel, t =>
                        numbers[t] = TensorNumbers.Of(own[t], _layouts.Of(own[t].Name, own[t].Shape.Rank).Layout));
                    Survey?.Look(seen[i].Picture, own, numbers);
                    seen[i] = seen[i] with
                    {
                        Scores = seen[i].Scores ?? own.Scores,
                        Rows = options.Tables is not { } tables ? []
                            : [.. seen[i].Rows, .. own.Select((a, t) => TensorRow.Of(_indices[a.Name], a, numbers[t], tables))],
                    };
                }
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
        for (int i = 0; i < targets.Count; i++)
        {
            using Activations? one = targets.Count > 1 || part.IsFilled ? part.OfSample(i) : null;
            IReadOnlyList<TensorNumbers> numbers = folders[i].Add(one ?? part, targets[i].Read!.Input!, session.MainInput, drawn, cancel);
            Survey?.Look(folders[i].Surveyed ??= new SurveyedPicture(targets[i].Item.Label), one ?? part, numbers);
        }
    }

    // The manifest is the last file: where it is, everything is.
    private DumpManifest Finish(DrawnBatch batch, DumpTarget target, DumpFolder own)
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
            Kernels = [.. _kernels!.Select(k => k with
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
        if (own.Surveyed is not null)
            Survey!.Add(own.Surveyed, target.Number);
        own.Complete();
        return manifest;
    }

    // The manifest is made beside the report, which takes as long, and gets into its place after it: its last lines are the report's
    // files, too.
    private void WriteReport(string place, DumpManifest manifest, DumpFolder own, ReportFacts facts)
    {
        var reported = new TaskCompletionSource();
        DumpManifest listed = manifest with { Files = After(reported.Task, own.Files) };
        using var file = new PendingFile(Path.Combine(place, DumpManifest.FileName));
        var json = Task.Run(() =>
            file.Write(stream => JsonSerializer.Serialize(stream, listed, ManifestJson.Readable.DumpManifest)), CancellationToken.None);
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

        file.Commit();
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
