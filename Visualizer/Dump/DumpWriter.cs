using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Visualizer.Interchange;
using CnnOnnx.Visualizer.Kernels;
using CnnOnnx.Visualizer.Pipeline;
using CnnOnnx.Visualizer.Report;
using CnnOnnx.Visualizer.Statistics;

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
    public ChannelSurvey? Survey { get; } = options.Survey ? new ChannelSurvey(session.Model.Graph) : null;

    /// <summary>Writes the folders of a batch that was run.</summary>
    /// <param name="batch">Its parts are disposed. Its fault is set when a part cannot be run.</param>
    /// <param name="drawn">Called with the name of each tensor that is drawn, from any thread.</param>
    /// <param name="cancel">Stops between two tensors.</param>
    /// <returns>One a target; empty after a fault.</returns>
    /// <exception cref="BadInputException">A folder cannot be written.</exception>
    public IReadOnlyList<DumpManifest> Write(DumpBatch batch, Action<string> drawn, CancellationToken cancel)
    {
        IReadOnlyList<DumpTarget> targets = batch.Targets;
        var folders = new List<DumpFolder>();
        try
        {
            foreach (DumpTarget target in targets)
                folders.Add(new DumpFolder(target.Folder, options, session.Model, _indices));
            var surveyed = new SurveyedPicture?[targets.Count];
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
                    IReadOnlyList<TensorNumbers> numbers = folders[i].Add(one ?? seen, targets[i].Input!, session.MainInput, drawn, cancel);
                    if (Survey is not null)
                        Survey.Add(surveyed[i] ??= Survey.Begin(targets[i].Path), one ?? seen, numbers);
                }
            }

            if (batch.Fault is not null)
                return [];
            string[] outputs = [.. session.Model.Graph.Outputs.Select(o => o.Name)];
            _difference ??= [.. differences.OrderBy(d => Array.IndexOf(outputs, d.Name))];
            _kernels ??= WriteKernels(batch.Bound!.Preprocessing, cancel);
            return [.. targets.Select((target, i) => Finish(folders[i], target, batch, surveyed[i]))];
        }
        finally
        {
            folders.ForEach(own => own.Dispose());
        }
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
        // Made beside the report, which takes as long, and written after it.
        var json = Task.Run(() => JsonSerializer.Serialize(manifest, DumpJson.Readable.DumpManifest), CancellationToken.None);
        if (options.Has(DumpParts.Report))
            ReportPage.Write(target.Folder, manifest, options.SelfContained);
        AtomicFile.WriteText(Path.Combine(target.Folder, DumpManifest.FileName), json.GetAwaiter().GetResult());
        return manifest;
    }

    private TensorRecord WithCost(TensorRecord tensor, TensorCost? cost) => cost is null || !options.Profile ? tensor
        : tensor with { Bytes = cost.Bytes, Milliseconds = cost.Milliseconds, Provider = cost.Provider };

    private IReadOnlyList<KernelRecord> WriteKernels(InputSpec? preprocessing, CancellationToken cancel)
    {
        if (!options.Has(DumpParts.Kernels))
            return [];
        var users = session.Tensors.Select(name => session.Model.Graph.Producer(name)).ToHashSet();
        NetworkWeight[] weights = [.. new WeightFinder(session.Model.Graph).All()
            .Where(w => w.Shape.Count <= LargestKernel && users.Contains(w.User))];
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
