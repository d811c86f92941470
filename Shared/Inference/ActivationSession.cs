using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace CnnOnnx.Inference;

/// <summary>Runs a model and hands out the tensors inside it; no more of it is run than what the wanted tensors need.</summary>
/// <remarks>
/// Several threads may share a session: their runs wait for one another, since each of them uses all the processor's cores.
/// Disposing waits for the run that goes on; what a run has returned lives on until it is disposed itself.
/// </remarks>
public sealed class ActivationSession : IDisposable
{
    private readonly OnnxModel _read;
    private readonly ActivationOptions _options;
    private readonly ExecutionDevice _device;
    private readonly SessionSettings _settings;
    private readonly InputBinder _binder;
    private readonly Lock _running = new();
    private OpenedModel _opened;
    private InferenceSession? _part;
    private readonly IReadOnlyDictionary<string, OnnxNode> _random;
    private ReferenceSession? _reference;
    private bool _isDisposed;

    private ActivationSession(OnnxModel model, ActivationOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads ?? 1, 1, nameof(ActivationOptions.Threads));
        (_read, _options) = (model.Runnable, options);
        SubgraphTensors subgraphs = SubgraphTensors.Open(_read, LoopRounds.All);
        Model = subgraphs.Model;
        _random = NondeterministicOutputs.Of(Model.Graph);
        Selection = StageSelection.Choose(options.Wanted, Model);
        Names = OutputNames.Of(Model, options.Labels);
        _device = DeviceProbe.Choose(options.Device);
        _settings = new(_device)
        {
            Optimization = options.Optimization,
            Threads = options.Threads,
            SharesProcessor = options.SharesProcessor,
        };
        _binder = new InputBinder(Model, options.Preprocessing, options.Convention)
        {
            Names = Names,
            Standing = [.. Model.Graph.Outputs.Select(o => o.Name).Where(_random.ContainsKey).Select(name =>
                $"output '{name}' {NondeterministicOutputs.Describe(_random[name])}: it is not compared with a run of the model as it is")],
        };
        try
        {
            if (options.PreparesComparison && ExposedSession.OutputsKept(Model, Selection.Chosen, WithOutputs).Length > 0)
            {
                ExposedSession.RequireTime(Model, Selection.Chosen);
                _reference = new ReferenceSession(Model, _settings);
            }

            _opened = Open(subgraphs);
            Tensors = _opened.Exposed.Tensors;
            Skipped = options.Wanted.IsEverything ? [.. _opened.Exposed.Skipped, .. subgraphs.Skipped] : _opened.Exposed.Skipped;
            NeededNodes = Model.Graph.NodesFor(_opened.Exposed.Session.OutputNames).Length;
            if (_opened.Plan.Names.Length == 0)
                throw new BadInputException($"{Model.Source}: makes no tensor of numbers; '{Skipped[0].Name}' {Skipped[0].Reason}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The model without local functions, with the tensors inside If and Loop as further outputs of those nodes.</summary>
    public OnnxModel Model { get; }

    /// <summary>Names of the wanted tensors, and why others are left out.</summary>
    public SelectionResult Selection { get; }

    /// <summary>Wanted tensors that the runtime cannot hand out, with reasons.</summary>
    public IReadOnlyList<SkippedTensor> Skipped { get; }

    /// <summary>Names of the tensors that a run returns.</summary>
    public IReadOnlyList<string> Tensors { get; }

    /// <summary>How many of the model's nodes a run needs; the others are left out of it.</summary>
    public int NeededNodes { get; }

    /// <summary>The input that pictures go to, and tensors without a name.</summary>
    public string MainInput => _binder.MainInput;

    /// <summary>Guess by which pictures are made into the input; null where card or options say how, or none is taken.</summary>
    public PreprocessingGuess? Guess => _binder.Guess;

    /// <summary>Names of the outputs, and who says so; null where there are none.</summary>
    internal OutputNames? Names { get; }

    /// <summary>The device that is really used: CPU, or CUDA with its index.</summary>
    public string Device => _device.Name;

    /// <summary>Why it is not another device; null when there is nothing to say.</summary>
    public string? DeviceRemark => _device.Remark;

    /// <summary>Reads and checks a model, and makes its tensors readable. The caller disposes the session.</summary>
    /// <param name="path">An ONNX file; it stays as it is.</param>
    /// <param name="options">Wanted tensors, device and preprocessing; every tensor on the best device when not given.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadInputException">The model is broken, a name is unknown, CUDA is asked for and does not work.</exception>
    public static ActivationSession Open(string path, ActivationOptions? options = null) => Open(OnnxModel.Read(path), options);

    /// <inheritdoc cref="Open(string, ActivationOptions?)" path="/*[not(self::param[@name='path'])]"/>
    /// <param name="model">A model that was read or built; it stays as it is.</param>
    public static ActivationSession Open(OnnxModel model, ActivationOptions? options = null) => new(model, options ?? new());

    /// <summary>Runs on one picture. The caller disposes the result.</summary>
    /// <param name="picture">BGR, BGRA or gray as OpenCV reads it, of any size; preprocessed as options or model card say.</param>
    /// <param name="cancel">Stops the run between two nodes.</param>
    /// <exception cref="BadInputException">The model takes no pictures, or this one does not fit it.</exception>
    public Activations Run(Mat picture, CancellationToken cancel = default) => Run([picture], null, cancel);

    /// <summary>Runs on several pictures at once. The caller disposes the result.</summary>
    /// <param name="pictures">The batch: BGR, BGRA or gray, each of any size.</param>
    /// <param name="others">Tensors for the model's other inputs, by name; those not given are filled with zeros.</param>
    /// <param name="cancel">Stops the run between two nodes.</param>
    /// <exception cref="BadInputException">The model's batch is smaller, or the pictures do not fit it.</exception>
    public Activations Run(IReadOnlyList<Mat> pictures, IReadOnlyDictionary<string, TensorData>? others = null,
        CancellationToken cancel = default) => RunAndOwn(() => Bind(pictures, others), cancel);

    /// <summary>Runs on a tensor for the input that takes pictures, or the first. The caller disposes the result.</summary>
    /// <param name="tensor">Numbers as the network wants them, after all preprocessing, in the input's own shape.</param>
    /// <param name="cancel">Stops the run between two nodes.</param>
    public Activations Run(TensorData tensor, CancellationToken cancel = default) =>
        Run(new Dictionary<string, TensorData> { [MainInput] = tensor }, cancel);

    /// <summary>Runs on tensors by input name; inputs that are not named are filled with zeros. The caller disposes the result.</summary>
    /// <param name="tensors">Numbers as the network wants them, by input name.</param>
    /// <param name="cancel">Stops the run between two nodes.</param>
    /// <exception cref="BadInputException">A name is unknown, or type or shape do not fit an input.</exception>
    public Activations Run(IReadOnlyDictionary<string, TensorData> tensors, CancellationToken cancel = default) =>
        RunAndOwn(() => Bind(tensors), cancel);

    /// <summary>
    /// Runs the model once more as it is and returns the largest difference that asking for the wanted tensors made to its own
    /// outputs: what is fused differently may round differently. Those that depend on random numbers are not compared.
    /// </summary>
    /// <param name="activations">A run of this session that is not disposed.</param>
    public IReadOnlyList<OutputDifference> CompareWithPlain(Activations activations)
    {
        string[] names = [.. activations.Outputs.Select(o => o.Name).Where(name => !_random.ContainsKey(name))];
        if (names.Length == 0)
            return [];
        try
        {
            using ReferenceSession reference = TakeReference();
            using var run = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> results = reference.Session.Run(run, activations.Given, names);
            return [.. names.Select((name, i) => OutputDifference.Between(activations[name], results[i]))];
        }
        catch (OnnxRuntimeException fault)
        {
            throw RuntimeFault.Running(Model.Source, fault);
        }
    }

    /// <summary>Waits for the run that goes on and frees the session; what runs have returned stays.</summary>
    public void Dispose()
    {
        lock (_running)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            foreach (IDisposable? own in new IDisposable?[] { _part, _reference, _opened, _binder })
                own?.Dispose();
        }
    }

    /// <summary>Makes a run's inputs of pictures, and tensors for other inputs. The caller disposes them.</summary>
    internal RunInputs Bind(IReadOnlyList<Mat> pictures, IReadOnlyDictionary<string, TensorData>? others, int fewest = 1) =>
        _binder.OfPictures(pictures, others, fewest);

    internal RunInputs Bind(IReadOnlyDictionary<string, TensorData> tensors) => _binder.OfTensors(tensors);

    /// <summary>How many pictures a run takes; null for any number, and for a model that takes none.</summary>
    internal int? PictureBatch => _binder.PictureInput?.Batch;

    /// <summary>How a picture of this size becomes the input.</summary>
    internal InputSpec SpecFor(Size picture) => _binder.SpecFor(picture);

    /// <summary>Runs on what was bound, which stays the caller's and has to live as long as the result.</summary>
    internal Activations Run(RunInputs inputs, CancellationToken cancel) => Run(inputs, [], cancel);

    /// <summary>
    /// Runs only what some of the wanted tensors need, to the same numbers. The result has to be disposed before the next part is
    /// run.
    /// </summary>
    internal Activations RunPart(RunInputs inputs, IReadOnlyList<string> tensors, CancellationToken cancel) => Tried(opened =>
    {
        OnnxModel model = opened.Subgraphs.Model;
        string[] own = [.. GraphCut.Free(model.Graph, tensors, opened.Plan.Outputs.Select(place => opened.Plan.Names[place]))];
        _part?.Dispose();
        _part = null;
        _part = SessionFactory.OpenCut(model, [.. tensors.Union(own)], _settings, partOf: opened.Exposed.Session.OutputNames);
        return RunOn(_part, new FetchPlan(model.Graph, _part, tensors, own), inputs, [], cancel);
    }, inputs, cancel);

    /// <summary>
    /// Size, time and provider of each wanted tensor, from runs that keep none of them: the median of so many, behind one more that
    /// warms up when there are several.
    /// </summary>
    internal IReadOnlyDictionary<string, TensorCost> Measure(RunInputs inputs, int runs, CancellationToken cancel) => Tried(opened =>
        new ModelProfiler(opened.Subgraphs.Model, _settings).Measure(opened.Exposed.Tensors, inputs, runs, cancel), inputs, cancel);

    /// <summary>The runtime on the same model and input, with nothing around it. The caller disposes it.</summary>
    internal BaselineRun OpenBaseline(RunInputs inputs) =>
        new(_opened.Subgraphs.Model, _settings, _opened.Exposed.Session, _opened.Plan.Names, inputs);

    private bool WithOutputs => _options.WithOutputs || _options.Wanted.IsEverything;

    private Activations RunAndOwn(Func<RunInputs> bind, CancellationToken cancel)
    {
        RunInputs inputs = bind();
        try
        {
            return Run(inputs, [inputs], cancel);
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    private Activations Run(RunInputs inputs, IDisposable[] owned, CancellationToken cancel) =>
        Tried(opened => RunOn(opened.Exposed.Session, opened.Plan, inputs, owned, cancel), inputs, cancel);

    private Activations RunOn(InferenceSession session, FetchPlan plan, RunInputs inputs, IDisposable[] owned, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        RuntimeLimits.RequireMemory(Model.Source, plan.FixedBytes);
        // Options of its own: a cancel that comes when the run is over would else stop the next.
        using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using CancellationTokenRegistration stop = cancel.Register(() => run.Terminate = true);
        IDisposableReadOnlyCollection<OrtValue> results = DeviceRun.Of(session, _device, run, inputs.Values, plan.Names);
        try
        {
            return new Activations(plan, inputs, results, [results, .. owned]);
        }
        catch
        {
            results.Dispose();
            throw;
        }
    }

    private T Tried<T>(Func<OpenedModel, T> run, RunInputs inputs, CancellationToken cancel)
    {
        lock (_running)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            while (true)
            {
                try
                {
                    return run(_opened);
                }
                catch (OnnxRuntimeException fault)
                {
                    cancel.ThrowIfCancellationRequested();
                    if (!_opened.Subgraphs.HasRounds || !RuntimeFault.IsChangingRound(fault))
                        throw RuntimeFault.Running(Model.Source, fault, inputs.TakenSize);
                }

                SeeLastRounds();
            }
        }
    }

    // The one that was prepared is of the model as it was read; it may be another one since.
    private ReferenceSession TakeReference()
    {
        lock (_running)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            (ReferenceSession? prepared, _reference) = (_reference, null);
            if (prepared?.Model == _opened.Subgraphs.Model)
                return prepared;
            prepared?.Dispose();
            return new ReferenceSession(_opened.Subgraphs.Model, _settings);
        }
    }

    // Rounds of a Loop whose shape changes cannot be stacked. The tensors keep their names, so what is said of them stays.
    private void SeeLastRounds()
    {
        OpenedModel last = Open(SubgraphTensors.Open(_read, LoopRounds.Last)), before = _opened;
        _opened = last;
        before.Dispose();
    }

    private OpenedModel Open(SubgraphTensors subgraphs) => OpenedModel.Open(subgraphs, Selection.Chosen, WithOutputs, _settings);
}
