using CnnOnnx.Compare;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Parity;

/// <summary>Runs one node on its own, with its weights, in both engines.</summary>
internal sealed class NodeTrial : IDisposable
{
    private const int Seed = 1;

    private readonly OnnxModel _theirs;
    private readonly OnnxNode _node;
    private readonly string _tensor;
    private readonly bool _quantizes;
    private readonly ParityRules? _rules;
    private readonly string[] _sources;
    private readonly OnnxModule _ours;
    private readonly Device _device;

    /// <param name="ours">The model that TorchSharp runs.</param>
    /// <param name="theirs">The model that ONNX Runtime runs: the same, unless a test wants to see a wrong operator found out.</param>
    /// <param name="tensor">The output of the node.</param>
    /// <param name="device">The device that TorchSharp computes on.</param>
    /// <param name="quantizes">True when the model rounds to integers inside.</param>
    /// <param name="rules">Rules of a comparison of models; null for the usual bound.</param>
    public NodeTrial(OnnxModel ours, OnnxModel theirs, string tensor, Device device, bool quantizes, ParityRules? rules = null)
    {
        _rules = rules;
        (_theirs, _tensor, _device, _quantizes) = (theirs, tensor, device, quantizes);
        _node = theirs.Graph.Producer(tensor)!;
        _sources = [.. CompiledGraph.Reads(_node, theirs.Graph)
            .Where(name => name.Length > 0 && !theirs.Graph.Initializer.ContainsKey(name)).Distinct()];
        _ours = new OnnxModule(ours, device, [tensor], _sources);
        _ours.eval();
    }

    /// <summary>Takes the weights that a network in memory has now, in place of the file's.</summary>
    /// <param name="module">The network.</param>
    public void TakeWeights(OnnxModule module)
    {
        using IDisposable noGradients = no_grad();
        foreach ((string name, Tensor value) in _ours.state_dict())
            if ((module.get_parameter(name) ?? module.get_buffer(name)) is { } current)
                value.copy_(current);
    }

    public void Dispose() => _ours.Dispose();

    /// <summary>Compares this node alone on the same operands.</summary>
    /// <param name="operand">ONNX Runtime's value of a tensor; its owner keeps it.</param>
    /// <param name="result">ONNX Runtime's result of these operands.</param>
    public TensorParity Alone(Func<string, Tensor> operand, Activation result)
    {
        using DisposeScope scope = NewDisposeScope();
        return TensorComparison.Between(_ours.Run([.. _sources.Select(name => (name, operand(name)))], [_tensor])[0], result, _node,
            _quantizes, _rules);
    }

    /// <summary>Judges a tensor that differs: by this node alone on the same operands, and else by float64 as arbiter of both.</summary>
    /// <param name="direct">The comparison of the whole run.</param>
    /// <param name="operand">ONNX Runtime's value of a tensor; its owner keeps it.</param>
    /// <param name="result">ONNX Runtime's result of these operands.</param>
    public TensorParity Judge(TensorParity direct, Func<string, Tensor> operand, Activation result)
    {
        using DisposeScope scope = NewDisposeScope();
        (string Name, Tensor Value)[] operands = [.. _sources.Select(name => (name, operand(name)))];
        Tensor ours = _ours.Run(operands, [_tensor])[0];
        TensorParity alone = TensorComparison.Between(ours, result, _node, _quantizes, _rules);
        direct = direct with { Local = alone.Metrics };
        if (alone.Agrees)
            return direct with { Finding = Finding.Inherited, Reason = "inherited from its operands" };
        if (alone.HasOtherShape)
            return ByShape(direct with { Problem = alone.Problem }, operands, ours);
        if (NaNWeight() is { } weight)
            return direct with { Finding = Finding.Wrong, Reason = $"its weight '{weight}' has NaN" };
        // A NaN says nothing about who made what of it; on noise the node shows what it computes.
        if (operands.FirstOrDefault(o => HasNaN(o.Value)).Name is { } source)
        {
            bool isRight = OnNoise(operands) <= 1;
            return direct with
            {
                Finding = isRight ? Finding.Inherited : Finding.Wrong,
                Reason = $"its operand '{source}' has NaN; on noise the node {(isRight ? "agrees" : "differs too")}",
            };
        }

        if (alone.SharesNaN)
            return direct with { Finding = Finding.BothNaN, Reason = "made of operands without NaN" };
        TensorParity judged = direct with
        {
            Finding = Finding.Wrong,
            Reason = "introduced by this node",
            Reproduction = _rules is null ? null : Reproduce(operands, ours, result),
        };
        if (alone.Problem is not null || !result.ElementType.IsFloatingPoint())
            return judged;
        double onNoise = OnNoise(operands);
        Tensor exact = Exact(operands);
        double Off(Tensor other) => TensorComparison.Between(other, exact).Largest;
        var verdict = new Verdict(Off(ours), Off(TensorComparison.ToTorch(result, _device)), alone.Allowed, onNoise);
        return judged with { Verdict = verdict, Finding = verdict.Clears && _rules?.IsStrict != true ? Finding.Rounding : Finding.Wrong };
    }

    private Reproduction Reproduce((string Name, Tensor Value)[] operands, Tensor ours, Activation result)
    {
        Dictionary<string, TensorData> inputs = operands.ToDictionary(o => o.Name, o => TorchTensors.ToData(o.Value, TypeOf(o.Name)));
        return new Reproduction(NodeOnly(inputs), inputs, new TensorData(result.ElementType, result.Shape, result.Raw.ToArray()),
            TorchTensors.ToData(ours, result.ElementType));
    }

    private TensorParity ByShape(TensorParity direct, (string Name, Tensor Value)[] operands, Tensor ours)
    {
        Tensor? input = operands.FirstOrDefault(o => o.Name == _node.Inputs.FirstOrDefault()).Value;
        if (input is null || SpecifiedSize.Of(_node, new TensorShape(input.shape)) is not { } specified)
            return direct with { Finding = Finding.Wrong, Reason = "introduced by this node" };
        bool isOurs = ours.shape.AsSpan()[2..].SequenceEqual(specified.Sizes);
        return direct with
        {
            Finding = isOurs ? Finding.OffSpecification : Finding.Wrong,
            Reason = $"the specification's size is {string.Join(" × ", specified.Sizes)} ({specified.Rule}): "
                + $"{(isOurs ? "ONNX Runtime" : "TorchSharp")} is off",
        };
    }

    // As the module has it, which may be trained; constants are as the file has them.
    private string? NaNWeight() => CompiledGraph.Reads(_node, _theirs.Graph).FirstOrDefault(name =>
        _theirs.Graph.Initializer.TryGetValue(name, out OnnxTensor? weight)
        && HasNaN(_ours.get_parameter(name) ?? _ours.get_buffer(name) ?? TorchTensors.From(weight, CPU)));

    private static bool HasNaN(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return tensor.is_floating_point() && tensor.isnan().any().item<bool>();
    }

    // Changes the module's weights for good, so it comes last.
    private Tensor Exact((string Name, Tensor Value)[] operands)
    {
        _ = _ours.to(ScalarType.Float64);
        return _ours.Run([.. operands.Select(o => (o.Name, o.Value.is_floating_point() ? o.Value.to(ScalarType.Float64) : o.Value))],
            [_tensor])[0];
    }

    /// <summary>Distance of the engines on noise from −1 to 1 in place of floating point operands, in units of the tolerance.</summary>
    private double OnNoise((string Name, Tensor Value)[] operands)
    {
        var random = new Random(Seed);
        Dictionary<string, TensorData> noise = operands.ToDictionary(o => o.Name, o => o.Value.is_floating_point()
            ? Noise(o.Value, random)
            : TorchTensors.ToData(o.Value, TypeOf(o.Name)));
        using ActivationSession session = ActivationSession.Open(NodeOnly(noise), new ActivationOptions
        {
            Device = ComputeDevice.Cpu,
            Optimization = OptimizationLevel.Disabled,
        });
        using Activations theirs = session.Run(noise);
        Tensor ours = _ours.Run([.. noise.Select(n => (n.Key, TorchTensors.From(n.Value, _device)))], [_tensor])[0];
        return TensorComparison.Between(ours, theirs[_tensor], _node, _quantizes).OfAllowed;
    }

    private static TensorData Noise(Tensor like, Random random)
    {
        float[] values = [.. Enumerable.Range(0, (int)like.numel()).Select(_ => (2 * random.NextSingle()) - 1)];
        using Tensor single = TorchTensors.From(TensorData.FromArray(values, new TensorShape(like.shape)), CPU);
        using Tensor typed = single.to(like.dtype);
        return TorchTensors.ToData(typed);
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
