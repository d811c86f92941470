using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Trainer.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Parity;

/// <summary>
/// Runs a model in ONNX Runtime, unoptimised and with every tensor readable, and in TorchSharp on the same inputs, and
/// compares tensor by tensor. Where one differs, its node runs once more alone on ONNX Runtime's operands, which tells an
/// error that is introduced there from one that is inherited.
/// </summary>
internal sealed class ParityCheck : IDisposable
{
    private static readonly HashSet<string> Rounding = ["QuantizeLinear", "DynamicQuantizeLinear", "QLinearConv", "QLinearMatMul", "QLinearAdd"];

    private readonly ActivationSession _session;
    private readonly OnnxModule? _given;

    /// <param name="model">A model that lies in a file.</param>
    /// <param name="module">The module to compare, when it is not to be made from the file; stays the caller's.</param>
    public ParityCheck(OnnxModel model, OnnxModule? module = null)
    {
        _given = module;
        _session = ActivationSession.Open(FunctionInliner.Inline(model), new ActivationOptions
        {
            Device = ComputeDevice.Cpu,
            Optimization = OptimizationLevel.Disabled,
            Selection = new TensorSelection { Constants = true },
        });
    }

    /// <summary>The session of ONNX Runtime, to run on a picture or on tensors.</summary>
    public ActivationSession Session => _session;

    /// <summary>Compares all tensors of a run.</summary>
    public ParityReport Compare(Activations theirs)
    {
        OnnxModel model = _session.Model;
        HashSet<string> beyond = BehindUnsupported(model.Graph);
        string[] open = [.. theirs.Select(t => t.Name).Where(name => Unspecified.Is(model.Graph.Producer(name)!, name))];
        string[] names = [.. theirs.Select(t => t.Name).Except(open).Where(name => !beyond.Contains(name))];
        if (names.Length == 0)
            throw new OnnxException(model.Source, "none of its tensors can be computed: its first operators are not supported");

        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        OnnxModule? made = _given is null ? new OnnxModule(model, targets: beyond.Count == 0 ? null : names) : null;
        try
        {
            OnnxModule module = _given ?? made!;
            module.eval();
            Device device = module.parameters().FirstOrDefault()?.device ?? CPU;
            (string, Tensor)[] inputs = [.. theirs.Inputs.Select(i => (i.Name, ToTorch(i, device)))];
            Tensor[] ours = module.Run(inputs, names);
            bool quantizes = model.Graph.Nodes.Any(n => Rounding.Contains(n.OpType));
            bool rounds = quantizes || theirs.Any(t => t.ElementType is ElementType.Float16 or ElementType.BFloat16);
            var tensors = new List<TensorParity>();
            for (int i = 0; i < names.Length; i++)
            {
                TensorParity direct = Compare(ours[i], theirs[names[i]], model.Graph.Producer(names[i])!, quantizes);
                tensors.Add(direct.Agrees ? direct : direct with { Alone = Alone(direct.Node, names[i], theirs, inputs, device, quantizes) });
                ours[i].Dispose();
            }

            return new ParityReport(tensors,
                [.. _session.Skipped, .. open.Select(name => new SkippedTensor(name, "has values that the specification leaves open")), .. beyond.Select(name => new SkippedTensor(name, "needs an operator that is not supported"))], rounds);
        }
        finally
        {
            made?.Dispose();
        }
    }

    public void Dispose() => _session.Dispose();

    /// <summary>What a node makes of ONNX Runtime's own operands, against what ONNX Runtime made of them; null when they cannot be had.</summary>
    private double? Alone(OnnxNode node, string tensor, Activations theirs, (string Name, Tensor Value)[] inputs, Device device, bool quantizes)
    {
        using DisposeScope scope = NewDisposeScope();
        string[] sources = [.. GraphProgram.Reads(node, _session.Model.Graph)
            .Where(name => name.Length > 0 && !_session.Model.Graph.Initializer.ContainsKey(name)).Distinct()];
        try
        {
            using var alone = new OnnxModule(_session.Model, device, [tensor], sources);
            alone.eval();
            (string, Tensor)[] operands = [.. sources.Select(name =>
                (name, inputs.FirstOrDefault(i => i.Name == name).Value ?? ToTorch(theirs[name], device)))];
            return Compare(alone.Run(operands, [tensor])[0], theirs[tensor], node, quantizes).Difference;
        }
        catch (Exception fault) when (fault is KeyNotFoundException or BadInputException)
        {
            return null;
        }
    }

    private static TensorParity Compare(Tensor ours, Activation theirs, OnnxNode node, bool quantizes)
    {
        using DisposeScope scope = NewDisposeScope();
        var shape = new TensorShape(ours.shape);
        if (shape != theirs.Shape)
            return new TensorParity(theirs.Name, node, double.NaN, 0, Problem: $"is {shape}, expected {theirs.Shape}");
        if (ours.numel() == 0)
            return new TensorParity(theirs.Name, node, 0, 0);
        Tensor a = ours.cpu().to(ScalarType.Float64), b = ToTorch(theirs, CPU).to(ScalarType.Float64);
        Tensor same = a.eq(b).logical_or(a.isnan().logical_and(b.isnan()));
        double difference = where(same, zeros_like(a), a.sub(b).abs()).max().item<double>();
        double magnitude = where(b.isfinite(), b.abs(), zeros_like(b)).max().item<double>();
        bool quantized = quantizes && theirs.ElementType is ElementType.UInt8 or ElementType.Int8;
        string? problem = double.IsFinite(difference) ? null : "has NaN or infinity where the other has none";
        return new TensorParity(theirs.Name, node, problem is null ? difference : double.NaN, Tolerance.For(theirs.ElementType, magnitude, quantized), Problem: problem);
    }

    private static Tensor ToTorch(Activation activation, Device device) =>
        TorchTensors.From(new TensorData(activation.ElementType, activation.Shape, activation.Raw.ToArray()), device);

    /// <summary>Tensors that need a node which the operator table does not have.</summary>
    private static HashSet<string> BehindUnsupported(OnnxGraph graph)
    {
        HashSet<string> beyond = [];
        foreach (OnnxNode node in graph.Nodes)
            if (GraphProgram.WithBodies(node).Any(n => OperatorTable.Find(n) is null) || NodeOrder.UsedNames(node).Any(beyond.Contains))
                beyond.UnionWith(node.Outputs.Where(o => o.Length > 0));
        return beyond;
    }
}
