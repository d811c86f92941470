using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Parity;

/// <summary>
/// Runs a model in ONNX Runtime, unoptimised and with every tensor readable, and in TorchSharp on the same inputs, and
/// compares tensor by tensor. Where one differs, its node runs once more alone on ONNX Runtime's operands, which tells an
/// error that is introduced there from one that is inherited, and then in float64, which tells whose error it is.
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
        _session = ActivationSession.Open(model.Inlined, new ActivationOptions
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
            (string, Tensor)[] inputs = [.. theirs.Inputs.Select(i => (i.Name, TensorComparison.ToTorch(i, device)))];
            Tensor[] ours = module.Run(inputs, names);
            bool quantizes = model.Graph.Nodes.Any(n => Rounding.Contains(n.OpType));
            bool rounds = quantizes || theirs.Any(t => t.ElementType is ElementType.Float16 or ElementType.BFloat16);
            var tensors = new List<TensorParity>();
            Tensor Operand(string name) => inputs.FirstOrDefault(i => i.Item1 == name).Item2 ?? TensorComparison.ToTorch(theirs[name], device);
            for (int i = 0; i < names.Length; i++)
            {
                TensorParity direct = TensorComparison.Between(ours[i], theirs[names[i]], model.Graph.Producer(names[i])!, quantizes);
                tensors.Add(direct.Agrees ? direct : Judge(direct, Operand, theirs[names[i]], device, quantizes));
                ours[i].Dispose();
            }

            HashSet<string> cleared = [.. tensors.Where(t => t.IsCleared).Select(t => t.Tensor)];
            HashSet<string> followers = Behind(model.Graph, node => node.Outputs.Any(cleared.Contains));
            return new ParityReport([.. tensors.Select(t => t with { FollowsCleared = !t.IsCleared && followers.Contains(t.Tensor) })],
                [.. _session.Skipped, .. open.Select(name => new SkippedTensor(name, "has values that the specification leaves open")), .. beyond.Select(name => new SkippedTensor(name, "needs an operator that is not supported"))], rounds);
        }
        finally
        {
            made?.Dispose();
        }
    }

    public void Dispose() => _session.Dispose();

    /// <summary>Adds what the node does alone on ONNX Runtime's own operands; nothing where they cannot be had.</summary>
    private TensorParity Judge(TensorParity direct, Func<string, Tensor> operand, Activation result, Device device, bool quantizes)
    {
        try
        {
            using var trial = new NodeTrial(_session.Model, _session.Model, direct.Tensor, device, quantizes);
            return trial.Judge(direct, operand, result);
        }
        catch (Exception fault) when (fault is KeyNotFoundException or BadInputException)
        {
            return direct;
        }
    }

    /// <summary>Tensors that need a node which the operator table does not have.</summary>
    private static HashSet<string> BehindUnsupported(OnnxGraph graph) =>
        Behind(graph, node => CompiledGraph.WithBodies(node).Any(n => OperatorTable.Find(n) is null));

    /// <summary>What these nodes make, and what is made from it.</summary>
    private static HashSet<string> Behind(OnnxGraph graph, Func<OnnxNode, bool> isStart)
    {
        HashSet<string> beyond = [];
        foreach (OnnxNode node in graph.Nodes)
            if (isStart(node) || NodeOrder.UsedNames(node).Any(beyond.Contains))
                beyond.UnionWith(node.Outputs.Where(o => o.Length > 0));
        return beyond;
    }
}
