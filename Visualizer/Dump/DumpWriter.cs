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

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Writes a folder for each input of a run: pictures, numbers, report.</summary>
/// <param name="session">That made the runs.</param>
/// <param name="model">Its model.</param>
/// <param name="options">What to write.</param>
/// <param name="folder">Of all results; the kernels, which every report shows, go here once.</param>
internal sealed class DumpWriter(ActivationSession session, ModelRecord model, DumpOptions options, string folder)
{
    // What stands beside maps in a report: large enough to see, and quick.
    private const int KernelSide = 1024;
    private const long LargestKernel = 4 << 20;

    private readonly Dictionary<string, int> _indices = session.Model.Graph.NodeOutputs.Select((name, i) => (name, i)).ToDictionary();
    private IReadOnlyList<OutputDifference>? _difference;
    private IReadOnlyList<KernelRecord>? _kernels;

    /// <summary>Of all channels over all inputs; null when nobody asked.</summary>
    public ChannelSurvey? Survey { get; } = options.Survey ? new ChannelSurvey(session.Model.Graph, options.Threads) : null;

    /// <summary>Draws the tensors of a batch that was run.</summary>
    /// <param name="batch">Its parts are disposed. Its fault is set when a part cannot be run.</param>
    /// <param name="drawn">Called with the name of each tensor that is drawn, from any thread.</param>
    /// <param name="cancel">Stops between two tensors.</param>
    /// <returns>The caller disposes it, and with it the batch.</returns>
    /// <exception cref="BadInputException">A folder cannot be written.</exception>
    public DrawnBatch Draw(DumpBatch batch, Action<string> drawn, CancellationToken cancel)
    {
        var result = new DrawnBatch(batch);
        try
        {
            if (batch.Bound is not null && batch.Fault is null)
                Draw(result, drawn, cancel);
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>Writes what is known only when everything is drawn, and tells the survey, also of what an earlier run finished.</summary>
    /// <returns>One a target; empty after a fault.</returns>
    /// <exception cref="BadInputException">A folder cannot be written.</exception>
    public IReadOnlyList<DumpManifest> Finish(DrawnBatch drawn, CancellationToken cancel)
    {
        foreach (DumpTarget target in drawn.Batch.Targets.Where(t => t.Finished is not null))
            Survey?.AddFinished(target.Path, target.Folder);
        if (drawn.Folders.Count == 0 || drawn.Batch.Fault is not null)
            return [];
        _kernels ??= WriteKernels(drawn.Batch.Bound!.Preprocessing, cancel);
        return [.. drawn.Batch.Targets.Select((target, i) => Finish(drawn.Folders[i], target, drawn.Batch, drawn.Surveyed[i]))];
    }

    private void Draw(DrawnBatch result, Action<string> drawn, CancellationToken cancel)
    {
        DumpBatch batch = result.Batch;
        IReadOnlyList<DumpTarget> targets = batch.Targets;
        foreach (DumpTarget target in targets)
            result.Folders.Add(new DumpFolder(target.Folder, options, session.Model, _indices));
        var differences = new List<OutputDifference>();
        using IEnumerator<Activations> parts = batch.Parts.GetEnumerator();
        while (Next(parts, batch) is { } part)
        {
            using Activations seen = part;
            if (_difference is null)
                differences.AddRange(session.CompareWithPlain(seen).ExceptBy(differences.Select(d => d.Name), d => d.Name));
            for (int i = 0; i < targets.Count; i++)
            {
                using Activations? one = targets.Count > 1 ? seen.OfSample(i) : null;
                IReadOnlyList<TensorNumbers> numbers = result.Folders[i].Add(one ?? seen, targets[i].Input!, session.MainInput, drawn, cancel);
                Survey?.Look(result.Surveyed[i] ??= new SurveyedPicture(targets[i].Path), one ?? seen, numbers);
            }
        }

        string[] outputs = [.. session.Model.Graph.Outputs.Select(o => o.Name)];
        if (batch.Fault is null)
            _difference ??= [.. differences.OrderBy(d => Array.IndexOf(outputs, d.Name))];
    }

    // A run that fails is this input's fault; a folder that cannot be written is everybody's.
    private static Activations? Next(IEnumerator<Activations> parts, DumpBatch batch)
    {
        try
        {
            return parts.MoveNext() ? parts.Current : null;
        }
        catch (BadInputException fault)
        {
            batch.Fault = fault.Message;
            return null;
        }
    }

    // The manifest is the last file: where it is, everything is.
    private DumpManifest Finish(DumpFolder own, DumpTarget target, DumpBatch batch, SurveyedPicture? surveyed)
    {
        RunInputs bound = batch.Bound!;
        var manifest = new DumpManifest
        {
            Fingerprint = target.Fingerprint,
            Model = model,
            Input = own.Input!,
            Preprocessing = bound.Preprocessing,
            PreprocessingSource = PreprocessingSource(bound),
            Device = session.Device,
            Optimization = options.Activation.Optimization,
            NeededNodes = session.NeededNodes,
            RunMilliseconds = Math.Round(batch.RunMilliseconds / batch.Targets.Count, 2),
            ExposureDifference = _difference!,
            Remarks = [.. bound.Remarks],
            Scores = own.Scores,
            Tensors = [.. own.Tensors.Select(t => WithCost(t, batch.Costs?[t.Name]))],
            Skipped = session.Skipped,
            LeftOut = session.Selection.LeftOut.ToDictionary(),
            Kernels = [.. _kernels!.Select(k => k with { File = Relative(target.Folder, Path.Combine(folder, k.File)) })],
            Raw = own.Finish(),
        };
        if (options.Interchange)
        {
            NetronAttachment.Write(target.Folder, manifest);
            ModelExplorerData.Write(target.Folder, session.Model.Graph.Name, manifest);
        }

        if (surveyed is not null)
            SurveyedFile.Write(target.Folder, surveyed);
        WriteReport(target.Folder, manifest);
        if (surveyed is not null)
            Survey!.Add(surveyed);
        return manifest;
    }

    // The manifest is made beside the report, which takes as long, and gets into its place after it.
    private void WriteReport(string place, DumpManifest manifest)
    {
        using var file = new PendingFile(Path.Combine(place, DumpManifest.FileName));
        var json = Task.Run(() => file.Write(stream => JsonSerializer.Serialize(stream, manifest, DumpJson.Readable.DumpManifest)), CancellationToken.None);
        try
        {
            if (options.Has(DumpParts.Report))
                ReportPage.Write(place, manifest, options.SelfContained);
        }
        finally
        {
            json.GetAwaiter().GetResult();
        }

        file.Commit();
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
            InputChannels = preprocessing?.Channels ?? ChannelOrder.Gray,
            MaxSide = KernelSide,
        };
        return new KernelWriter(folder, look, options.Threads).Write(weights, _ => { }, cancel);
    }

    private string PreprocessingSource(RunInputs bound) => bound.Preprocessing is null ? "tensors were given"
        : (session.Model.Card.Input is null ? "assumed from the model's input" : "model card")
        + (options.Activation.Preprocessing is null ? "" : ", changed by options");

    private static string Relative(string from, string path) => Path.GetRelativePath(from, path).Replace('\\', '/');
}
