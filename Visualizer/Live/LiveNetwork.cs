using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Live;

/// <summary>
/// A model of which one tensor at a time can be seen. Each layer gets a session of its own when it is first looked at: a
/// session with every tensor as an output would copy all of them out for every frame.
/// </summary>
internal sealed class LiveNetwork : IDisposable
{
    private readonly ActivationOptions _options;
    private readonly ChannelLayouts _layouts;
    private ActivationSession _session;
    private int _layer = -1;

    /// <param name="modelPath">The model.</param>
    /// <param name="options">Settings of the runs. Their selection is the layers; one tensor alone is where to start among all.</param>
    public LiveNetwork(string modelPath, ActivationOptions options)
    {
        Model = OnnxModel.Read(modelPath);
        _layouts = ChannelLayouts.Of(Model.Inlined.Graph);
        IReadOnlyList<string> wanted = StageSelection.Choose(options.Selection, Model.Inlined).Chosen;
        Layers = wanted.Count > 1 ? wanted : new TensorSelection { Constants = true }.Choose(Model).Chosen;
        First = wanted.Count > 1 ? 0 : Layers.ToList().IndexOf(wanted[0]);
        _options = options with { Selection = new TensorSelection { Constants = true }, WithOutputs = true };
        _session = Open(First);
        _layer = First;
    }

    public OnnxModel Model { get; }

    /// <summary>Names of the tensors to walk through, in the order in which they are made.</summary>
    public IReadOnlyList<string> Layers { get; }

    /// <summary>The layer to start with.</summary>
    public int First { get; }

    public string Device => _session.Device;

    public string? DeviceRemark => _session.DeviceRemark;

    /// <summary>Guess by which frames are made into the input; null where nothing is guessed.</summary>
    public PreprocessingGuess? Guess => _session.Guess;

    /// <summary>What was assumed about the names of the classes; null when nothing was.</summary>
    public string? NamesRemark => _session.Names?.Remark;

    /// <summary>
    /// The layer, and the model's outputs. The caller disposes the result; it is empty for a tensor that is not of numbers.
    /// </summary>
    public Activations Run(Mat frame, int layer, CancellationToken cancel)
    {
        if (layer != _layer)
        {
            _session.Dispose();
            _session = Open(layer);
            _layer = layer;
        }

        return _session.Run(frame, cancel);
    }

    /// <summary>Axis of a layer's channels, as the graph has it.</summary>
    public ChannelLayout LayoutOf(Activation layer) => _layouts.Of(layer.Name, layer.Shape.Rank).Layout;

    /// <summary>Why the layer of the last run cannot be shown.</summary>
    public string Refusal => _session.Skipped.Count > 0 ? $"{_session.Skipped[0].Name} {_session.Skipped[0].Reason}" : "";

    public void Dispose() => _session.Dispose();

    private ActivationSession Open(int layer) =>
        ActivationSession.Open(Model, _options with { Selection = _options.Selection with { Globs = [Layers[layer]] } });
}
