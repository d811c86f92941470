using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Inputs;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Runs a model on inputs, as much at a time as memory allows, and has a folder written for each.</summary>
internal sealed class Dumper : IDisposable
{
    // Of which a layer's time is the median.
    private const int ProfiledRuns = 5;

    private readonly DumpOptions _options;
    private readonly IReadOnlyDictionary<string, TensorData> _others;
    private readonly Action<string> _note;
    private readonly string _fingerprint;
    private readonly Dictionary<string, IReadOnlyDictionary<string, TensorCost>> _costs = [];
    private bool _inParts;

    /// <param name="modelPath">The model.</param>
    /// <param name="options">What to write.</param>
    /// <param name="others">Tensors for inputs of the model beside the main one.</param>
    /// <param name="folder">Of all results.</param>
    /// <param name="note">Is told what is decided on the way, from any thread.</param>
    public Dumper(string modelPath, DumpOptions options, IReadOnlyDictionary<string, TensorData> others, string folder, Action<string>? note = null)
    {
        (_options, _others, _note) = (options, others, note ?? (_ => { }));
        // A large model takes a while to read, to open as it is, and with its tensors exposed: all of it side by side.
        var hash = Task.Run(() => ModelRecord.HashOf(modelPath));
        Session = ActivationSession.Open(modelPath, options.Activation with { PreparesComparison = true });
        var model = ModelRecord.Of(Session.Model, hash.GetAwaiter().GetResult());
        _fingerprint = string.Join('\n',
            [$"{typeof(Dumper).Assembly.GetName().Version}", model.Sha256, options.Fingerprint, .. WeightFiles.Paths(Session.Model).Select(InputItem.IdentityOf)]);
        Writer = new DumpWriter(Session, model, options, folder);
    }

    public ActivationSession Session { get; }

    public DumpWriter Writer { get; }

    /// <summary>Pictures in a run: what was asked for, as far as the model takes so many.</summary>
    public int Batch => Math.Min(_options.Batch, Session.PictureBatch ?? int.MaxValue);

    /// <summary>Of an input, by its identity, and of all that decides what its results are.</summary>
    public string FingerprintOf(string identity) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{_fingerprint}\n{identity}")))[..32];

    /// <summary>True when two inputs can be run as one batch: pictures that become an input of the same size.</summary>
    public bool CanJoin(DumpInput first, DumpInput second) => first.Picture is not null && second.Picture is not null
        && (first.Picture.Size() == second.Picture.Size()
            || Session.SpecFor(first.Picture.Size()).Size.SequenceEqual(Session.SpecFor(second.Picture.Size()).Size));

    /// <summary>The caller disposes the result.</summary>
    /// <exception cref="BadInputException">They do not fit the model.</exception>
    public RunInputs Bind(IReadOnlyList<DumpInput> batch) => DumpInput.Bind(batch, Session, _others);

    /// <summary>Runs a batch, or prepares to do so in parts when its tensors do not fit into the memory that they may take.</summary>
    /// <exception cref="BadInputException">The model cannot run on it.</exception>
    public void Run(DumpBatch batch, CancellationToken cancel)
    {
        RunInputs bound = batch.Bound!;
        batch.Costs = _options.Profile || _options.Memory is not null ? CostsOf(bound, cancel) : null;
        if (_options.Memory is { } budget)
        {
            MemoryPlan plan = MemoryPlan.For(batch.Costs!, Session.Tensors, budget);
            // While a run is drawn the next one is made only when both have room, whatever the next one's size is.
            _inParts |= !plan.LeavesRoomFor(budget);
            if (_inParts)
            {
                batch.Parts = plan.Groups.Select(group => Timed(batch, () => plan.Groups.Count == 1
                    ? Session.Run(bound, cancel)
                    : Session.RunPart(bound, group, cancel)));
                return;
            }
        }

        batch.Made = Timed(batch, () => Session.Run(bound, cancel));
        batch.Parts = [batch.Made];
    }

    public void Dispose() => Session.Dispose();

    // Sizes depend on nothing but the sizes of the inputs.
    private IReadOnlyDictionary<string, TensorCost> CostsOf(RunInputs bound, CancellationToken cancel)
    {
        string shapes = bound.DescribeShapes();
        if (_costs.TryGetValue(shapes, out IReadOnlyDictionary<string, TensorCost>? known))
            return known;
        IReadOnlyDictionary<string, TensorCost> costs = Session.Measure(bound, _options.Profile ? ProfiledRuns : 1, cancel);
        if (_options.Memory is { } budget)
            _note(MemoryPlan.For(costs, Session.Tensors, budget).Describe(budget));
        return _costs[shapes] = costs;
    }

    private static Activations Timed(DumpBatch batch, Func<Activations> run)
    {
        var watch = Stopwatch.StartNew();
        Activations seen = run();
        batch.RunMilliseconds += watch.Elapsed.TotalMilliseconds;
        return seen;
    }
}
