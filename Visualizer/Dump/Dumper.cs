using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Kernels;
using CnnOnnx.Visualizer.Pipeline;
using CnnOnnx.Visualizer.Report;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Runs a model on inputs and writes a folder for each: pictures, numbers, report.</summary>
internal sealed class Dumper : IDisposable
{
    // What stands beside maps in a report: large enough to see, and quick.
    private const int KernelSide = 1024;
    private const long LargestKernel = 4 << 20;

    // Of which a layer's time is the median.
    private const int ProfiledRuns = 5;

    private readonly DumpOptions _options;
    private readonly IReadOnlyDictionary<string, TensorData> _others;
    private readonly string _folder;
    private readonly Action<string> _note;
    private readonly ActivationSession _session;
    private readonly ModelRecord _model;
    private readonly Dictionary<string, int> _indices;
    private readonly Dictionary<string, IReadOnlyDictionary<string, TensorCost>> _costs = [];
    private IReadOnlyList<OutputDifference>? _difference;
    private IReadOnlyList<KernelRecord>? _kernels;

    /// <param name="modelPath">The model.</param>
    /// <param name="options">What to write.</param>
    /// <param name="others">Tensors for inputs of the model beside the main one.</param>
    /// <param name="folder">Of all results; the kernels, which every report shows, go here once.</param>
    /// <param name="note">Is told what is decided on the way, from any thread.</param>
    public Dumper(string modelPath, DumpOptions options, IReadOnlyDictionary<string, TensorData> others, string folder, Action<string> note)
    {
        (_options, _others, _folder, _note) = (options, others, folder, note);
        _session = ActivationSession.Open(modelPath, options.Activation);
        _model = ModelRecord.Of(_session.Model);
        _indices = _session.Model.Graph.NodeOutputs.Select((name, i) => (name, i)).ToDictionary();
    }

    public ActivationSession Session => _session;

    /// <summary>Of an input, by its identity, and of all that decides what its results are.</summary>
    public string FingerprintOf(string identity) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{_model.Sha256}\n{_options.Fingerprint}\n{identity}")))[..32];

    /// <summary>True when two inputs can be run as one batch: pictures that become an input of the same size.</summary>
    public bool CanJoin(DumpInput first, DumpInput second) => first.Picture is not null && second.Picture is not null
        && (first.Picture.Size() == second.Picture.Size()
            || _session.SpecFor(first.Picture.Size()).Size.SequenceEqual(_session.SpecFor(second.Picture.Size()).Size));

    /// <summary>The caller disposes the result.</summary>
    /// <exception cref="BadInputException">They do not fit the model.</exception>
    public RunInputs Bind(IReadOnlyList<DumpInput> batch) => DumpInput.Bind(batch, _session, _others);

    /// <summary>Runs a batch, or prepares to do so in parts when its tensors do not fit into the memory that they may take.</summary>
    /// <exception cref="BadInputException">The model cannot run on it.</exception>
    public void Run(DumpBatch batch, CancellationToken cancel)
    {
        RunInputs bound = batch.Bound!;
        batch.Costs = _options.Profile || _options.Memory is not null ? CostsOf(bound) : null;
        if (_options.Memory is { } budget && MemoryPlan.For(batch.Costs!, _session.Tensors, budget) is var plan && !plan.LeavesRoomFor(budget))
        {
            batch.Parts = plan.Groups.Select(group => Timed(batch, () => plan.Groups.Count == 1
                ? _session.Run(bound, cancel)
                : _session.RunPart(bound, group, cancel)));
            return;
        }

        batch.Made = Timed(batch, () => _session.Run(bound, cancel));
        batch.Parts = [batch.Made];
    }

    /// <summary>Writes the folders of a batch that was run, one a target.</summary>
    /// <param name="batch">Its parts are disposed.</param>
    /// <param name="drawn">Called with the name of each tensor that is drawn, from any thread.</param>
    /// <param name="cancel">Stops between two tensors.</param>
    /// <exception cref="BadInputException">A folder cannot be written.</exception>
    public IReadOnlyList<DumpManifest> Write(DumpBatch batch, Action<string> drawn, CancellationToken cancel)
    {
        IReadOnlyList<DumpTarget> targets = batch.Targets;
        var folders = new List<DumpFolder>();
        try
        {
            foreach (DumpTarget target in targets)
                folders.Add(new DumpFolder(target.Folder, _options, _session.Model.Card));
            var differences = new List<OutputDifference>();
            foreach (Activations part in batch.Parts)
            {
                using Activations seen = part;
                if (_difference is null)
                    differences.AddRange(_session.CompareWithPlain(seen).ExceptBy(differences.Select(d => d.Name), d => d.Name));
                for (int i = 0; i < targets.Count; i++)
                    WriteSample(folders[i], targets[i].Input!, seen, sample: i, batch: targets.Count, drawn, cancel);
            }

            _difference ??= differences;
            _kernels ??= WriteKernels(batch.Bound!.Preprocessing, cancel);
            return [.. targets.Select((target, i) => Finish(folders[i], target, batch))];
        }
        finally
        {
            folders.ForEach(folder => folder.Dispose());
        }
    }

    public void Dispose() => _session.Dispose();

    private void WriteSample(DumpFolder folder, DumpInput input, Activations seen, int sample, int batch, Action<string> drawn, CancellationToken cancel)
    {
        using Activations? one = batch > 1 ? seen.OfSample(sample) : null;
        folder.Add(one ?? seen, input, _indices, drawn, cancel);
    }

    // The manifest is the last file: where it is, everything is.
    private DumpManifest Finish(DumpFolder folder, DumpTarget target, DumpBatch batch)
    {
        RunInputs bound = batch.Bound!;
        var manifest = new DumpManifest
        {
            Fingerprint = target.Fingerprint,
            Model = _model,
            Input = folder.Input!,
            Preprocessing = bound.Preprocessing,
            PreprocessingSource = PreprocessingSource(bound),
            Device = _session.Device,
            Optimization = _options.Activation.Optimization,
            RunMilliseconds = Math.Round(batch.RunMilliseconds / batch.Targets.Count, 2),
            ExposureDifference = _difference!,
            Remarks = [.. bound.Remarks],
            Scores = folder.Scores,
            Tensors = [.. folder.Tensors.Select(t => WithCost(t, batch.Costs?[t.Name]))],
            Skipped = _session.Skipped,
            LeftOut = _session.Selection.LeftOut.ToDictionary(),
            Kernels = [.. _kernels!.Select(k => k with { File = Relative(target.Folder, Path.Combine(_folder, k.File)) })],
            Raw = folder.FinishRaw(),
        };
        ReportPage.Write(target.Folder, manifest, _options.SelfContained);
        AtomicFile.WriteText(Path.Combine(target.Folder, DumpManifest.FileName), JsonSerializer.Serialize(manifest, DumpJson.Readable.DumpManifest));
        return manifest;
    }

    private TensorRecord WithCost(TensorRecord tensor, TensorCost? cost) => cost is null || !_options.Profile ? tensor
        : tensor with { Bytes = cost.Bytes, Milliseconds = cost.Milliseconds, Provider = cost.Provider };

    // Sizes depend on nothing but the sizes of the inputs.
    private IReadOnlyDictionary<string, TensorCost> CostsOf(RunInputs bound)
    {
        string shapes = bound.DescribeShapes();
        if (_costs.TryGetValue(shapes, out IReadOnlyDictionary<string, TensorCost>? known))
            return known;
        IReadOnlyDictionary<string, TensorCost> costs = _session.Measure(bound, _options.Profile ? ProfiledRuns : 1);
        if (_options.Memory is { } budget)
            _note(MemoryPlan.For(costs, _session.Tensors, budget).Describe(budget));
        return _costs[shapes] = costs;
    }

    private static Activations Timed(DumpBatch batch, Func<Activations> run)
    {
        var watch = Stopwatch.StartNew();
        Activations seen = run();
        batch.RunMilliseconds += watch.Elapsed.TotalMilliseconds;
        return seen;
    }

    private IReadOnlyList<KernelRecord> WriteKernels(InputSpec? preprocessing, CancellationToken cancel)
    {
        if (!_options.Kernels)
            return [];
        var users = _session.Tensors.Select(name => _session.Model.Graph.Producer(name)).ToHashSet();
        NetworkWeight[] weights = [.. new WeightFinder(_session.Model.Graph).All()
            .Where(w => w.Shape.Count <= LargestKernel && users.Contains(w.User))];
        var look = new KernelOptions
        {
            Colormap = _options.Mosaic.Colormap,
            InputChannels = preprocessing?.Channels ?? ChannelOrder.Gray,
            MaxSide = KernelSide,
        };
        return new KernelWriter(_folder, look, _options.Threads).Write(weights, _ => { }, cancel);
    }

    private string PreprocessingSource(RunInputs bound) => bound.Preprocessing is null ? "none: tensors were given"
        : (_session.Model.Card.Input is null ? "assumed from the model's input" : "model card")
        + (_options.Activation.Preprocessing is null ? "" : ", changed by options");

    private static string Relative(string folder, string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');
}
