using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Parity;

/// <summary>One node on its own, with its weights, in both engines.</summary>
internal sealed class NodeTrial : IDisposable
{
    private const int Seed = 1;

    private readonly OnnxModel _theirs;
    private readonly OnnxNode _node;
    private readonly string _tensor;
    private readonly bool _quantizes;
    private readonly string[] _sources;
    private readonly OnnxModule _ours;
    private readonly Device _device;

    /// <param name="ours">What TorchSharp runs.</param>
    /// <param name="theirs">What ONNX Runtime runs: the same model, unless a test wants to see a wrong operator found out.</param>
    /// <param name="tensor">The output of the node.</param>
    /// <param name="quantizes">The model rounds to integers inside.</param>
    public NodeTrial(OnnxModel ours, OnnxModel theirs, string tensor, Device device, bool quantizes)
    {
        (_theirs, _tensor, _device, _quantizes) = (theirs, tensor, device, quantizes);
        _node = theirs.Graph.Producer(tensor)!;
        _sources = [.. CompiledGraph.Reads(_node, theirs.Graph)
            .Where(name => name.Length > 0 && !theirs.Graph.Initializer.ContainsKey(name)).Distinct()];
        _ours = new OnnxModule(ours, device, [tensor], _sources);
        _ours.eval();
    }

    public void Dispose() => _ours.Dispose();

    /// <summary>What the node introduces by itself, and where it does: which engine is off.</summary>
    /// <param name="direct">The comparison of the whole run.</param>
    /// <param name="operand">ONNX Runtime's value of a tensor; its owner keeps it.</param>
    /// <param name="result">What ONNX Runtime made of them.</param>
    public TensorParity Judge(TensorParity direct, Func<string, Tensor> operand, Activation result)
    {
        using DisposeScope scope = NewDisposeScope();
        (string Name, Tensor Value)[] operands = [.. _sources.Select(name => (name, operand(name)))];
        Tensor ours = _ours.Run(operands, [_tensor])[0];
        TensorParity alone = TensorComparison.Between(ours, result, _node, _quantizes);
        TensorParity judged = direct with { Alone = alone.Difference };
        if (alone.Agrees || alone.Problem is not null || result.ElementType != ElementType.Float)
            return judged;
        double onNoise = OnNoise(operands);
        Tensor exact = Exact(operands);
        double Off(Tensor other) => TensorComparison.Between(other, exact).Largest;
        return judged with
        {
            Verdict = new Verdict(Off(ours), Off(TensorComparison.ToTorch(result, _device)), alone.Allowed, onNoise),
        };
    }

    // Changes the module's weights for good, so it comes last.
    private Tensor Exact((string Name, Tensor Value)[] operands)
    {
        _ = _ours.to(ScalarType.Float64);
        return _ours.Run([.. operands.Select(o => (o.Name, o.Value.is_floating_point() ? o.Value.to(ScalarType.Float64) : o.Value))], [_tensor])[0];
    }

    private double OnNoise((string Name, Tensor Value)[] operands)
    {
        var random = new Random(Seed);
        Dictionary<string, TensorData> noise = operands.ToDictionary(o => o.Name, o => o.Value.dtype == ScalarType.Float32
            ? TensorData.FromArray([.. Enumerable.Range(0, (int)o.Value.numel()).Select(_ => (2 * random.NextSingle()) - 1)], new TensorShape(o.Value.shape))
            : TorchTensors.ToData(o.Value, TypeOf(o.Name)));
        using ActivationSession session = ActivationSession.Open(NodeOnly(noise), new ActivationOptions
        {
            Device = ComputeDevice.Cpu,
            Optimization = OptimizationLevel.Disabled,
        });
        using Activations theirs = session.Run(noise);
        Tensor ours = _ours.Run([.. noise.Select(n => (n.Key, TorchTensors.From(n.Value, _device)))], [_tensor])[0];
        TensorParity parity = TensorComparison.Between(ours, theirs[_tensor], _node, _quantizes);
        return double.IsNaN(parity.Difference) ? double.PositiveInfinity : parity.Difference / Math.Max(parity.Allowed, 1e-30);
    }

    // Unsigned integers are wider in TorchSharp; the graph knows what they are.
    private ElementType? TypeOf(string name) => _theirs.Graph.Inputs.FirstOrDefault(i => i.Name == name)?.ElementType;

    private OnnxModel NodeOnly(Dictionary<string, TensorData> operands) => _theirs.WithOnly(
        _node,
        [.. CompiledGraph.Reads(_node, _theirs.Graph)],
        operands.Select(o => new OnnxValue
        {
            Name = o.Key,
            Kind = OnnxValueKind.Tensor,
            ElementType = o.Value.Type,
            Shape = [.. o.Value.Shape.Dims.Select(size => (Dimension)size)],
        }),
        _tensor);
}
