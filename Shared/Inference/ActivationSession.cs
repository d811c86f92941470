using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace CnnOnnx.Inference;

/// <summary>
/// Runs a model and hands out the tensors inside it. The model's file stays as it is. One run at a time; no more of the model
/// is run than what the wanted tensors need.
/// </summary>
public sealed class ActivationSession : IDisposable
{
    private readonly OnnxModel _read;
    private readonly ActivationOptions _options;
    private readonly ExecutionDevice _device;
    private readonly InputBinder _binder;
    private readonly Lock _running = new();
    private readonly RunOptions _run = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private HiddenTensors _hidden;
    private TappedSession _tapped;
    private FetchPlan _plan;
    private InferenceSession? _part;
    private PlainSession? _plain;

    private ActivationSession(OnnxModel model, ActivationOptions options)
    {
        (_read, _options) = (model, options);
        _hidden = HiddenTensors.Open(model, LoopRounds.All);
        Model = _hidden.Model;
        Selection = options.Wanted.Choose(Model);
        _device = DeviceProbe.Choose(options.Device);
        if (options.PreparesComparison && TappedSession.OutputsKept(Model, Selection.Chosen, options).Length > 0)
        {
            TappedSession.RequireTime(Model, Selection.Chosen);
            _plain = new PlainSession(Model, options, _device);
        }

        try
        {
            _tapped = TappedSession.Open(Model, Selection.Chosen, options, _device);
        }
        catch
        {
            _plain?.Dispose();
            throw;
        }

        _plan = PlanOf(_tapped.Session, _tapped.Tensors);
        _binder = new InputBinder(Model, options.Preprocessing);
        if (_plan.Names.Length > 0)
            return;
        Dispose();
        throw new BadInputException($"{Model.Source}: makes no tensor of numbers; '{Skipped[0].Name}' {Skipped[0].Reason}");
    }

    /// <summary>The model, with the tensors inside If and Loop as further outputs of those nodes.</summary>
    public OnnxModel Model { get; private set; }

    /// <summary>What was wanted, and why other tensors were not.</summary>
    public SelectionResult Selection { get; }

    /// <summary>Wanted tensors that the runtime cannot hand out, with reasons.</summary>
    public IReadOnlyList<SkippedTensor> Skipped => _options.Wanted.IsEverything ? [.. _tapped.Skipped, .. _hidden.Skipped] : _tapped.Skipped;

    /// <summary>Names of the tensors that a run returns.</summary>
    public IReadOnlyList<string> Tensors => _tapped.Tensors;

    /// <summary>How many of the model's nodes a run needs; the others are left out of it.</summary>
    public int NeededNodes => Model.Graph.NodesFor(_tapped.Session.OutputNames).Length;

    /// <summary>The input that pictures go to, and tensors without a name.</summary>
    public string MainInput => _binder.MainInput;

    /// <summary>The device that is really used: CPU, or CUDA with its index.</summary>
    public string Device => _device.Name;

    /// <summary>Why it is not another device; null when there is nothing to say.</summary>
    public string? DeviceRemark => _device.Remark;

    /// <summary>Reads and checks a model, and makes its tensors readable.</summary>
    /// <exception cref="BadInputException">The model is broken, a name is unknown, CUDA is asked for and does not work.</exception>
    public static ActivationSession Open(string path, ActivationOptions? options = null) => Open(OnnxModel.Read(path), options);

    /// <inheritdoc cref="Open(string, ActivationOptions?)"/>
    public static ActivationSession Open(OnnxModel model, ActivationOptions? options = null) => new(model, options ?? new ActivationOptions());

    /// <summary>Runs on one picture, BGR as OpenCV reads it. The caller disposes the result.</summary>
    public Activations Run(Mat picture, CancellationToken cancel = default) => Run([picture], null, cancel);

    /// <summary>Runs on several pictures at once. The caller disposes the result.</summary>
    /// <param name="pictures">The batch.</param>
    /// <param name="others">Tensors for the model's other inputs, by name; those not given are filled with zeros.</param>
    /// <param name="cancel">Stops the run between two nodes.</param>
    /// <exception cref="BadInputException">The model's batch is smaller, or the pictures do not fit it.</exception>
    public Activations Run(
        IReadOnlyList<Mat> pictures, IReadOnlyDictionary<string, TensorData>? others = null, CancellationToken cancel = default) =>
        RunAndOwn(() => Bind(pictures, others), cancel);

    /// <summary>Runs on a tensor for the input that takes pictures, or the first. The caller disposes the result.</summary>
    public Activations Run(TensorData tensor, CancellationToken cancel = default) =>
        Run(new Dictionary<string, TensorData> { [MainInput] = tensor }, cancel);

    /// <summary>Runs on tensors by input name; inputs that are not named are filled with zeros. The caller disposes the result.</summary>
    public Activations Run(IReadOnlyDictionary<string, TensorData> tensors, CancellationToken cancel = default) =>
        RunAndOwn(() => Bind(tensors), cancel);

    /// <summary>
    /// Runs the model once more as it is, without the wanted tensors as outputs, and returns the largest difference that
    /// asking for them made to the model's own outputs: what is fused differently may round differently.
    /// </summary>
    public IReadOnlyList<OutputDifference> CompareWithPlain(Activations activations)
    {
        string[] names = [.. activations.Outputs.Select(o => o.Name)];
        if (names.Length == 0)
            return [];
        try
        {
            using PlainSession plain = TakePlain();
            using var run = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> results = plain.Session.Run(run, activations.Given, names);
            return [.. names.Select((name, i) => OutputDifference.Between(activations[name], results[i]))];
        }
        catch (OnnxRuntimeException fault)
        {
            throw RuntimeFault.Running(Model.Source, fault);
        }
    }

    public void Dispose()
    {
        _part?.Dispose();
        _plain?.Dispose();
        _tapped.Dispose();
        _binder?.Dispose();
        _run.Dispose();
    }

    /// <summary>What a run is given: pictures, and tensors for other inputs. Not for several threads at once. The caller disposes it.</summary>
    internal RunInputs Bind(IReadOnlyList<Mat> pictures, IReadOnlyDictionary<string, TensorData>? others) => _binder.OfPictures(pictures, others);

    /// <inheritdoc cref="Bind(IReadOnlyList{Mat}, IReadOnlyDictionary{string, TensorData})"/>
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
    internal Activations RunPart(RunInputs inputs, IReadOnlyList<string> tensors, CancellationToken cancel) => Tried(() =>
    {
        string[] own = [.. GraphCut.Free(Model.Graph, tensors, _plan.Outputs.Select(place => _plan.Names[place]))];
        _part?.Dispose();
        _part = null;
        _part = SessionFactory.OpenCut(Model, [.. tensors.Union(own)], _options, _device, partOf: _tapped.Session.OutputNames);
        return RunOn(_part, new FetchPlan(Model.Graph, _part, tensors, own), inputs, [], cancel);
    }, cancel);

    /// <summary>Size, time and provider of each wanted tensor, from runs that keep none of them.</summary>
    /// <param name="inputs">What to run on.</param>
    /// <param name="runs">Of which the median time is taken; one more run warms up when there are several.</param>
    /// <param name="cancel">Stops between two runs.</param>
    /// <exception cref="BadInputException">The model does not run.</exception>
    internal IReadOnlyDictionary<string, TensorCost> Measure(RunInputs inputs, int runs, CancellationToken cancel) =>
        Tried(() => new ModelProfiler(Model, _options, _device).Measure(_tapped.Tensors, inputs, runs, cancel), cancel);

    /// <summary>The runtime on the same model and input, with nothing around it. The caller disposes it.</summary>
    internal RuntimeAlone OpenAlone(RunInputs inputs) => new(Model, _options, _device, _tapped.Session, _plan.Names, inputs);

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
        Tried(() => RunOn(_tapped.Session, _plan, inputs, owned, cancel), cancel);

    private Activations RunOn(InferenceSession session, FetchPlan plan, RunInputs inputs, IDisposable[] owned, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        RuntimeLimits.RequireMemory(Model.Source, plan.FixedBytes);
        using CancellationTokenRegistration stop = cancel.Register(() => _run.Terminate = true);
        IDisposableReadOnlyCollection<OrtValue> results = session.Run(_run, inputs.Values, plan.Names);
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

    private T Tried<T>(Func<T> run, CancellationToken cancel)
    {
        lock (_running)
        {
            try
            {
                return run();
            }
            catch (OnnxRuntimeException fault)
            {
                // What was stopped once has to be told to go on.
                _run.Terminate = false;
                cancel.ThrowIfCancellationRequested();
                if (!_hidden.HasRounds)
                    throw RuntimeFault.Running(Model.Source, fault);
                SeeLastRounds();
                return Tried(run, cancel);
            }
        }
    }

    // The one that was prepared is of the model as it was read; it may be another one since.
    private PlainSession TakePlain()
    {
        PlainSession? prepared = Interlocked.Exchange(ref _plain, null);
        if (prepared?.Model == Model)
            return prepared;
        prepared?.Dispose();
        return new PlainSession(Model, _options, _device);
    }

    // Rounds of a Loop whose shape changes cannot be stacked. The tensors keep their names, so nothing else changes.
    private void SeeLastRounds()
    {
        _hidden = HiddenTensors.Open(_read, LoopRounds.Last);
        Model = _hidden.Model;
        _tapped.Dispose();
        _tapped = TappedSession.Open(Model, Selection.Chosen, _options, _device);
        _plan = PlanOf(_tapped.Session, _tapped.Tensors);
    }

    // A cut session has not all of the model's outputs.
    private FetchPlan PlanOf(InferenceSession session, IReadOnlyList<string> tensors) => new(Model.Graph, session, tensors, Model.Graph.Outputs
        .Select(o => o.Name)
        .Where(name => session.OutputMetadata.TryGetValue(name, out NodeMetadata? facts) && TappedSession.IsReadable(facts)).Distinct());
}
