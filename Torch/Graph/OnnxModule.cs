using CnnOnnx.Onnx;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Graph;

/// <summary>
/// Runs an ONNX graph with TorchSharp, node by node. Weights are its parameters under their ONNX names, running statistics
/// its buffers; train and eval mode change only BatchNormalization and Dropout. Any tensor can be tapped by name, and
/// differentiated with autograd.
/// </summary>
internal sealed class OnnxModule : nn.Module<Tensor, Tensor>
{
    private readonly GraphProgram _program;
    private readonly List<string> _parameterNames = [], _bufferNames = [];

    // Not buffers: they are no state, and TorchSharp neither moves nor frees buffers that are not persistent.
    private readonly Dictionary<string, Tensor> _constants = [];

    /// <param name="model">The model; its weights are read here, once.</param>
    /// <param name="device">Where the weights go; the CPU when not given.</param>
    /// <param name="targets">Compile only what these tensors need; all of the graph when not given.</param>
    /// <param name="sources">Tensors that every run will be given: nothing that only they need is compiled.</param>
    /// <exception cref="OnnxException">Unsupported operators, broken attributes or weights.</exception>
    public OnnxModule(OnnxModel model, Device? device = null, IReadOnlyCollection<string>? targets = null,
        IReadOnlyCollection<string>? sources = null) : base(model.Graph.Name)
    {
        _ = OneDnn.Remark;
        Model = model = model.Inlined;
        _program = new GraphProgram(model.Graph, model.Source, targets, sources);
        Dictionary<string, TensorRole> roles = TensorRoles.Of(model.Graph, _program.Nodes);
        foreach (OnnxTensor initializer in model.Graph.Initializers)
        {
            if (!roles.TryGetValue(initializer.Name, out TensorRole role))
                continue;
            Tensor value = TorchTensors.From(initializer, device ?? CPU);
            switch (role)
            {
                case TensorRole.Weight:
                    register_parameter(initializer.Name, new Parameter(value));
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

    public OnnxModel Model { get; }

    /// <summary>The first output for the first input. The caller disposes it, or its scope does.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        string output = Model.Graph.Outputs[0].Name;
        return Run([(Model.Graph.Inputs[0].Name, input)], [output])[0].MoveToOuterDisposeScope();
    }

    /// <summary>Runs the graph and returns the wanted tensors, in order; inputs and weights may be among them.</summary>
    public Tensor[] Run(IReadOnlyList<(string Name, Tensor Value)> inputs, IReadOnlyList<string> wanted)
    {
        foreach (OnnxValue input in Model.Graph.Inputs)
            if (_program.Uses(input.Name) && inputs.All(given => given.Name != input.Name))
                throw new OnnxException(Model.Source, $"input '{input}' is not given");
        if (wanted.FirstOrDefault(name => !_program.Makes(name)) is { } unknown)
            throw new OnnxException(Model.Source, $"has no tensor '{unknown}'");

        // Looked up each time: moving a module to a device or a type replaces them.
        var given = new List<(string, Tensor)>(inputs.Count + _parameterNames.Count + _bufferNames.Count + _constants.Count);
        given.AddRange(inputs);
        foreach (string name in _parameterNames)
            given.Add((name, get_parameter(name)!));
        foreach (string name in _bufferNames)
            given.Add((name, get_buffer(name)!));
        foreach ((string name, Tensor constant) in _constants)
            given.Add((name, constant));
        return _program.Run(given, wanted, training);
    }

    /// <summary>An initializer's bytes as they are now, for saving; null where the graph's own are still right.</summary>
    public ReadOnlyMemory<byte>? CurrentBytes(OnnxTensor initializer)
    {
        if ((get_parameter(initializer.Name) ?? get_buffer(initializer.Name)) is { } value)
            return TorchTensors.ToBytes(value);
        return null;
    }

    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        base._toEpilog(dtype, device, non_blocking);
        foreach ((string name, Tensor constant) in _constants.ToArray())
        {
            ScalarType type = constant.is_floating_point() ? dtype ?? constant.dtype : constant.dtype;
            _constants[name] = constant.to(type, device ?? constant.device, disposeAfter: true).DetachFromDisposeScope();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            foreach (Tensor constant in _constants.Values)
                constant.Dispose();
        base.Dispose(disposing);
    }
}
