using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace CnnOnnx.Inference;

/// <summary>
/// Runs a model and hands out the tensors inside it. The model's file stays as it is. One run at a time.
/// </summary>
public sealed class ActivationSession : IDisposable
{
    private readonly TappedSession _tapped;
    private readonly ActivationOptions _options;
    private readonly ExecutionDevice _device;
    private readonly InputBinder _binder;
    private readonly string[] _fetched;
    private InferenceSession? _part;

    private ActivationSession(OnnxModel model, ActivationOptions options)
    {
        (Model, _options) = (model, options);
        Selection = options.Wanted.Choose(model);
        _device = DeviceProbe.Choose(options.Device);
        _tapped = TappedSession.Open(model, Selection.Chosen, options, _device);
        _binder = new InputBinder(model, options.Preprocessing);
        _fetched = [.. _tapped.Tensors.Union(ReadableOutputs())];
        if (_fetched.Length > 0)
            return;
        Dispose();
        throw new BadInputException($"{model.Source}: makes no tensor of numbers; '{Skipped[0].Name}' {Skipped[0].Reason}");
    }

    public OnnxModel Model { get; }

    /// <summary>What was wanted, and why other tensors were not.</summary>
    public SelectionResult Selection { get; }

    /// <summary>Wanted tensors that the runtime cannot hand out, with reasons.</summary>
    public IReadOnlyList<SkippedTensor> Skipped => _tapped.Skipped;

    /// <summary>Names of the tensors that a run returns.</summary>
    public IReadOnlyList<string> Tensors => _tapped.Tensors;

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
            using InferenceSession plain = SessionFactory.Open(Model, _options, _device);
            using var run = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> results = plain.Run(run, activations.Given, names);
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
        _tapped.Dispose();
        _binder.Dispose();
    }

    /// <summary>What a run is given: pictures, and tensors for other inputs. Not for several threads at once. The caller disposes it.</summary>
    internal RunInputs Bind(IReadOnlyList<Mat> pictures, IReadOnlyDictionary<string, TensorData>? others) => _binder.OfPictures(pictures, others);

    /// <inheritdoc cref="Bind(IReadOnlyList{Mat}, IReadOnlyDictionary{string, TensorData})"/>
    internal RunInputs Bind(IReadOnlyDictionary<string, TensorData> tensors) => _binder.OfTensors(tensors);

    /// <summary>How a picture of this size becomes the input.</summary>
    internal InputSpec SpecFor(Size picture) => _binder.SpecFor(picture);

    /// <summary>Runs on what was bound, which stays the caller's and has to live as long as the result.</summary>
    internal Activations Run(RunInputs inputs, CancellationToken cancel) => Run(_tapped.Session, inputs, _fetched, _tapped.Tensors, [], cancel);

    /// <summary>
    /// Runs only what some of the wanted tensors need, to the same numbers. The result has to be disposed before the next part is
    /// run.
    /// </summary>
    internal Activations RunPart(RunInputs inputs, IReadOnlyList<string> tensors, CancellationToken cancel)
    {
        string[] fetched = [.. tensors.Union(GraphCut.Free(Model.Graph, tensors, ReadableOutputs()))];
        _part?.Dispose();
        _part = OpenPart(fetched);
        return Run(_part, inputs, fetched, tensors, [], cancel);
    }

    /// <summary>Size, time and provider of each wanted tensor, from runs that keep none of them.</summary>
    /// <param name="inputs">What to run on.</param>
    /// <param name="runs">Of which the median time is taken; one more run warms up when there are several.</param>
    /// <exception cref="BadInputException">The model does not run.</exception>
    internal IReadOnlyDictionary<string, TensorCost> Measure(RunInputs inputs, int runs) =>
        new ModelProfiler(Model, _options, _device).Measure(_tapped.Tensors, inputs, runs);

    /// <summary>The runtime on the same model and input, with nothing around it. The caller disposes it.</summary>
    internal RuntimeAlone OpenAlone(RunInputs inputs) => new(Model, _fetched, _options, _device, inputs);

    private InferenceSession OpenPart(string[] fetched)
    {
        try
        {
            return SessionFactory.OpenCut(Model, fetched, _options, _device, partOf: _fetched);
        }
        catch (OnnxRuntimeException fault)
        {
            throw RuntimeFault.Loading(Model.Source, fault);
        }
    }

    private Activations RunAndOwn(Func<RunInputs> bind, CancellationToken cancel)
    {
        RunInputs inputs = bind();
        try
        {
            return Run(_tapped.Session, inputs, _fetched, _tapped.Tensors, [inputs], cancel);
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    private Activations Run(InferenceSession session, RunInputs inputs, string[] fetched, IReadOnlyList<string> wanted,
        IDisposable[] owned, CancellationToken cancel)
    {
        try
        {
            using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using CancellationTokenRegistration stop = cancel.Register(() => run.Terminate = true);
            IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, inputs.Values, fetched);
            return new Activations(Model.Graph, inputs, fetched, results, wanted, [results, .. owned]);
        }
        catch (OnnxRuntimeException fault)
        {
            cancel.ThrowIfCancellationRequested();
            throw RuntimeFault.Running(Model.Source, fault);
        }
    }

    // A cut session has not all of them.
    private IEnumerable<string> ReadableOutputs() => Model.Graph.Outputs.Select(o => o.Name)
        .Where(name => _tapped.Session.OutputMetadata.TryGetValue(name, out NodeMetadata? facts) && TappedSession.IsReadable(facts));
}
