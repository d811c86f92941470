using CnnOnnx.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Operators;

/// <summary>
/// Runs an ONNX graph with TorchSharp, node by node. Weights are its parameters under their ONNX names, running statistics
/// its buffers; train and eval mode change only BatchNormalization and Dropout. Any tensor can be tapped by name, and
/// differentiated with autograd.
/// </summary>
internal sealed class OnnxModule : nn.Module<Tensor, Tensor>
{
    private readonly GraphProgram _program;

    /// <param name="model">The model; its weights are read here, once.</param>
    /// <param name="device">Where the weights go; the CPU when not given.</param>
    /// <param name="targets">Compile only what these tensors need; all of the graph when not given.</param>
    /// <exception cref="OnnxException">Unsupported operators, broken attributes or weights.</exception>
    public OnnxModule(OnnxModel model, Device? device = null, IReadOnlyCollection<string>? targets = null) : base(model.Graph.Name)
    {
        Model = model;
        _program = new GraphProgram(model.Graph, model.Source, targets);
        Dictionary<string, TensorRole> roles = TensorRoles.Of(model.Graph, _program.Nodes);
        foreach (OnnxTensor initializer in model.Graph.Initializers)
        {
            if (!roles.TryGetValue(initializer.Name, out TensorRole role))
                continue;
            Tensor value = TorchTensors.From(initializer, device ?? CPU);
            if (role == TensorRole.Weight)
                register_parameter(initializer.Name, new Parameter(value));
            else
                register_buffer(initializer.Name, value, persistent: role == TensorRole.Statistic);
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
            if (inputs.All(given => given.Name != input.Name))
                throw new OnnxException(Model.Source, $"input '{input}' is not given");
        if (wanted.FirstOrDefault(name => !_program.Makes(name)) is { } unknown)
            throw new OnnxException(Model.Source, $"has no tensor '{unknown}'");
        return _program.Run([.. inputs, .. named_parameters().Select(p => (p.name, (Tensor)p.parameter)), .. named_buffers()], wanted, training);
    }

    /// <summary>An initializer's bytes as they are now, for saving; null where the graph's own are still right.</summary>
    public ReadOnlyMemory<byte>? CurrentBytes(OnnxTensor initializer)
    {
        Tensor? value = get_parameter(initializer.Name) ?? get_buffer(initializer.Name);
        return value is null ? null : TorchTensors.ToBytes(value);
    }
}
