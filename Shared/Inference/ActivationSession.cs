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
    private TappedSession _tapped;
    private readonly OnnxModel _read;
    private readonly ActivationOptions _options;
    private readonly ExecutionDevice _device;
    private readonly InputBinder _binder;
    private readonly string[] _fetched;
    private HiddenTensors _hidden;

    private ActivationSession(OnnxModel model, ActivationOptions options)
    {
        (_read, _options) = (model, options);
        _hidden = HiddenTensors.Open(model, LoopRounds.All);
        Model = _hidden.Model;
        Selection = options.Wanted.Choose(Model);
        _device = DeviceProbe.Choose(options.Device);
        _tapped = TappedSession.Open(Model, Selection.Chosen, options, _device);
        _binder = new InputBinder(Model, options.Preprocessing);
        _fetched = [.. _tapped.Tensors.Union(ReadableOutputs())];
        if (_fetched.Length > 0)
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
        Run(() => _binder.OfPictures(pictures, others), cancel);

    /// <summary>Runs on a tensor for the input that takes pictures, or the first. The caller disposes the result.</summary>
    public Activations Run(TensorData tensor, CancellationToken cancel = default) =>
        Run(new Dictionary<string, TensorData> { [MainInput] = tensor }, cancel);

    /// <summary>Runs on tensors by input name; inputs that are not named are filled with zeros. The caller disposes the result.</summary>
    public Activations Run(IReadOnlyDictionary<string, TensorData> tensors, CancellationToken cancel = default) =>
        Run(() => _binder.OfTensors(tensors), cancel);

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
            using InferenceSession plain = SessionFactory.Open(Model, [], _options, _device);
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
        _tapped.Dispose();
        _binder.Dispose();
    }

    private Activations Run(Func<RunInputs> makeInputs, CancellationToken cancel)
    {
        RunInputs inputs = makeInputs();
        try
        {
            using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using CancellationTokenRegistration stop = cancel.Register(() => run.Terminate = true);
            IDisposableReadOnlyCollection<OrtValue> results = _tapped.Session.Run(run, inputs.Values, _fetched);
            return Owned(results, () => new Activations(Model.Graph, inputs, _fetched, results, _tapped.Tensors));
        }
        catch (Exception fault)
        {
            if (fault is OnnxRuntimeException && !cancel.IsCancellationRequested && _hidden.HasRounds)
            {
                inputs.Dispose();
                SeeLastRounds();
                return Run(makeInputs, cancel);
            }

            inputs.Dispose();
            cancel.ThrowIfCancellationRequested();
            if (fault is OnnxRuntimeException own)
                throw RuntimeFault.Running(Model.Source, own);
            throw;
        }
    }

    private static T Owned<T>(IDisposable owned, Func<T> make)
    {
        try
        {
            return make();
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    // Rounds of a Loop whose shape changes cannot be stacked. The tensors keep their names, so nothing else changes.
    private void SeeLastRounds()
    {
        _hidden = HiddenTensors.Open(_read, LoopRounds.Last);
        Model = _hidden.Model;
        _tapped.Dispose();
        _tapped = TappedSession.Open(Model, Selection.Chosen, _options, _device);
    }

    private IEnumerable<string> ReadableOutputs() => Model.Graph.Outputs.Select(o => o.Name)
        .Where(name => TappedSession.IsReadable(_tapped.Session.OutputMetadata[name]));
}
