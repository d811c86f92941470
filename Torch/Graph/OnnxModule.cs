using CnnOnnx.Onnx;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Graph;

/// <summary>
/// Runs an ONNX graph with TorchSharp, node by node. Weights are its parameters under their ONNX names, running statistics
/// its buffers; train and eval mode change only BatchNormalization and Dropout. Any tensor can be asked for by name, given in
/// place of being computed, and differentiated by.
/// </summary>
/// <remarks>
/// Shapes are the model's own: a picture is [N, C, H, W], float32. A module is for one thread at a time while it trains, as
/// TorchSharp's are; in eval mode several threads may run it at once. It must not be disposed while one does. Faults of the model or
/// of what it is given are <see cref="BadInputException"/>s of one line.
/// </remarks>
public sealed class OnnxModule : nn.Module<Tensor, Tensor>
{
    private readonly CompiledGraph _whole;
    private readonly string[] _sources;
    private readonly Dictionary<string, CompiledGraph> _parts = [];
    private readonly List<string> _parameterNames = [], _bufferNames = [];

    // Not buffers: they are no state, and TorchSharp neither moves nor frees buffers that are not persistent.
    private readonly Dictionary<string, Tensor> _constants = [];
    private bool _isDisposed;

    /// <summary>Reads a model and compiles all of its graph.</summary>
    /// <param name="path">An ONNX file.</param>
    /// <param name="device">The device that the weights are put on; the CPU when not given.</param>
    /// <exception cref="OnnxException">Not a model; unsupported operators, all in one message; broken attributes or weights.</exception>
    public OnnxModule(string path, Device? device = null) : this(OnnxModel.Read(path), device)
    {
    }

    /// <summary>Compiles a model, or the part of it that some tensors need.</summary>
    /// <param name="model">The model; its weights are read here, once.</param>
    /// <param name="device">The device that the weights are put on; the CPU when not given.</param>
    /// <param name="targets">
    /// Compile only what these tensors need, so that a model with unsupported operators runs up to them; all of the graph when
    /// not given.
    /// </param>
    /// <param name="sources">Tensors that every run will be given: nothing that only they need is compiled, nor its weights loaded.</param>
    /// <exception cref="OnnxException">Unsupported operators, all in one message; broken attributes or weights.</exception>
    public OnnxModule(OnnxModel model, Device? device = null, IReadOnlyCollection<string>? targets = null,
        IReadOnlyCollection<string>? sources = null) : base(model.Graph.Name)
    {
        OneDnn.EnsureCorrect();
        Model = model = model.Inlined;
        _sources = [.. sources ?? []];
        _whole = new CompiledGraph(model.Graph, model.Source, targets, sources);
        Dictionary<string, TensorRole> roles = TensorRoles.Of(model.Graph, _whole.Nodes);
        foreach (OnnxTensor initializer in model.Graph.Initializers)
        {
            if (!roles.TryGetValue(initializer.Name, out TensorRole role))
                continue;
            // The module's own, in whatever scope it is made.
            Tensor value = TorchTensors.From(initializer, device ?? CPU).DetachFromDisposeScope();
            switch (role)
            {
                case TensorRole.Weight:
                    var parameter = new Parameter(value);
                    parameter.DetachFromDisposeScope();
                    register_parameter(initializer.Name, parameter);
                    _parameterNames.Add(initializer.Name);
                    break;
                case TensorRole.Statistic:
                    register_buffer(initializer.Name, value);
                    _bufferNames.Add(initializer.Name);
                    break;
                default:
                    _constants.Add(initializer.Name, value);
                    break;
            }
        }
    }

    /// <summary>The model, without local functions. Its weights are those of the file, whatever was trained since.</summary>
    public OnnxModel Model { get; }

    /// <summary>The first output for the first input. The caller disposes it, or its scope does.</summary>
    /// <param name="input">Values of the model's first input, in its shape: [N, C, H, W] for most networks; stays the caller's.</param>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        string output = Model.Graph.Outputs[0].Name;
        return Run([(Model.Graph.Inputs[0].Name, input)], [output])[0].MoveToOuterDisposeScope();
    }

    /// <summary>Runs the graph; with a tensor inside it given, only what the wanted tensors still need.</summary>
    /// <param name="inputs">
    /// Inputs by name, on the module's device; they stay the caller's. A tensor inside the graph may be given in place of what
    /// makes it, which is then not run; other inputs only have to be there as far as they are still needed.
    /// </param>
    /// <param name="wanted">Names of tensors; inputs and weights may be among them.</param>
    /// <param name="overrides">Rules that are executed in place of operators; none when not given.</param>
    /// <returns>
    /// The wanted tensors, in order. The caller disposes them, or its scope does, but for those that it gave and for weights.
    /// </returns>
    /// <exception cref="OnnxException">A name is unknown, an input is missing, or a node cannot run: which, and on what.</exception>
    public Tensor[] Run(
        IReadOnlyList<(string Name, Tensor Value)> inputs, IReadOnlyList<string> wanted, OperatorOverrides? overrides = null) =>
        Run(inputs, wanted, new RunMode(training) { Overrides = Known(overrides) });

    /// <summary>Runs what the wanted tensors need, and keeps what their gradients need. The caller disposes the result.</summary>
    /// <param name="inputs">Inputs, or tensors inside the graph, by name; they stay the caller's and get no gradient of their own.</param>
    /// <param name="tensors">
    /// Names of tensors to keep: those that a scalar will be made of, and those that it will be differentiated by. Inputs,
    /// weights and tensors inside the graph.
    /// </param>
    /// <param name="overrides">Rules that are executed in place of operators, such as ReLUs with a backward pass of their own.</param>
    /// <exception cref="OnnxException">A name is unknown, an input is missing, or a node cannot run: which, and on what.</exception>
    public GradientRun RunForGradients(
        IReadOnlyList<(string Name, Tensor Value)> inputs, IReadOnlyList<string> tensors, OperatorOverrides? overrides = null)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        string[] names = [.. tensors.Distinct()];
        var trace = new GradientTrace();
        var mode = new RunMode(training) { Overrides = Known(overrides), Variables = names.ToHashSet(), Trace = trace };
        // Handles of their own: neither the caller's tensors nor the module's become variables, or get gradients.
        List<(string, Tensor)> given = [.. inputs.Select(i => mode.Variables.Contains(i.Name) ? (i.Name, Variable(i.Value)) : i)];
        foreach (string name in names)
        {
            if ((get_parameter(name) ?? _constants.GetValueOrDefault(name)) is { } weight)
                given.Add((name, Variable(weight)));
            else if (get_buffer(name) is { } statistic)
                given.Add((name, statistic.alias()));
        }

        Tensor[] found = Run(given, names, mode);
        return new GradientRun(Model, names.Zip(found, (name, tensor) => (name, tensor.DetachFromDisposeScope())).ToDictionary(), trace);
    }

    /// <summary>Writes the model with the weights as they are now, as a whole file. Beyond 2 GB they go to a file beside it.</summary>
    /// <param name="path">The file; replaced only when the new one is complete.</param>
    /// <exception cref="BadInputException">The place cannot be written.</exception>
    public void Save(string path)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Model.Save(path, CurrentBytes);
    }

    /// <summary>An initializer's bytes as they are now, for saving; null where the graph's own are still right.</summary>
    internal ReadOnlyMemory<byte>? CurrentBytes(OnnxTensor initializer)
    {
        if ((get_parameter(initializer.Name) ?? get_buffer(initializer.Name)) is { } value)
            return TorchTensors.ToBytes(value);
        return null;
    }

    /// <inheritdoc/>
    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        base._toEpilog(dtype, device, non_blocking);
        foreach ((string name, Tensor constant) in _constants.ToArray())
        {
            ScalarType type = constant.is_floating_point() ? dtype ?? constant.dtype : constant.dtype;
            _constants[name] = constant.to(type, device ?? constant.device, disposeAfter: true).DetachFromDisposeScope();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        if (disposing)
            foreach (Tensor constant in _constants.Values)
                constant.Dispose();
        base.Dispose(disposing);
    }

    private Tensor[] Run(IReadOnlyList<(string Name, Tensor Value)> inputs, IReadOnlyList<string> wanted, RunMode mode)
    {
        // libtorch would get the address of a weight that is gone.
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        CompiledGraph graph = GraphFor(inputs, wanted);
        foreach (OnnxValue input in Model.Graph.Inputs)
            if (graph.Uses(input.Name) && inputs.All(given => given.Name != input.Name))
                throw new OnnxException(Model.Source, $"input '{input}' is not given");
        if (wanted.FirstOrDefault(name => !graph.Makes(name)) is { } unknown)
            throw new OnnxException(Model.Source, $"has no tensor '{unknown}'");

        // Looked up each time: moving a module to a device or a type replaces them.
        var given = new List<(string, Tensor)>(inputs.Count + _parameterNames.Count + _bufferNames.Count + _constants.Count);
        foreach (string name in _parameterNames)
            given.Add((name, get_parameter(name)!));
        foreach (string name in _bufferNames)
            given.Add((name, get_buffer(name)!));
        foreach ((string name, Tensor constant) in _constants)
            given.Add((name, constant));
        given.AddRange(inputs);
        using DisposeScope scope = NewDisposeScope();
        Tensor[] results = graph.Run(given, wanted, mode);
        foreach (Tensor result in results)
            if (!given.Any(g => ReferenceEquals(g.Item2, result)))
                result.MoveToOuterDisposeScope();
        return results;
    }

    /// <summary>The whole graph, or what is left of it when tensors inside it are given.</summary>
    private CompiledGraph GraphFor(IReadOnlyList<(string Name, Tensor Value)> inputs, IReadOnlyList<string> wanted)
    {
        string[] inside = [.. inputs.Select(given => given.Name).Where(_whole.Computes)];
        if (inside.Length == 0)
            return _whole;
        string key = string.Join('\0', [.. inside.Order(), "", .. wanted]);
        lock (_parts)
        {
            if (!_parts.TryGetValue(key, out CompiledGraph? part))
            {
                if (wanted.FirstOrDefault(name => !_whole.Makes(name)) is { } unknown)
                    throw new OnnxException(Model.Source, $"has no tensor '{unknown}'");
                _parts[key] = part = new CompiledGraph(Model.Graph, Model.Source, wanted, [.. _sources, .. inside]);
            }

            return part;
        }
    }

    private OperatorOverrides Known(OperatorOverrides? overrides) => (overrides ?? OperatorOverrides.None).Checked(Model);

    private static Tensor Variable(Tensor value) => value.is_floating_point() ? value.detach().requires_grad_() : value.alias();
}
