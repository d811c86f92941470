using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// One forward pass that is kept for gradients: what lies in front of the kept tensors ran in ONNX Runtime, the rest in TorchSharp.
/// Any number of backward passes go over it, of several targets and with several rules.
/// </summary>
internal sealed class Passes : IDisposable
{
    private readonly ModelParts _parts;
    private readonly GradientRun _run;
    private readonly ActivationRules? _rules;
    private readonly NeededChannels _needed;
    private readonly bool _isAlone;

    /// <param name="parts">The model.</param>
    /// <param name="given">Inputs of the model, and tensors inside it that are given in place of being computed.</param>
    /// <param name="shapes">Shapes of the model's tensors.</param>
    /// <param name="kept">Tensors to differentiate by.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="rules">Rules of activations whose backward pass can be switched; null for gradients alone.</param>
    public Passes(ModelParts parts, IReadOnlyList<(string Name, Tensor Value)> given, IReadOnlyDictionary<string, TensorShape> shapes,
        IReadOnlyCollection<string> kept, IReadOnlyList<AttributionTarget> targets, ActivationRules? rules = null)
    {
        (_parts, _rules, _isAlone) = (parts, rules, targets.Count == 1);
        string[] ends = TargetScalar.Tensors(targets);
        SuffixPlan plan = parts.Plan(parts.Differentiable, kept, ends);
        _needed = new NeededChannels(parts.Graph, plan, shapes, kept, targets);
        using DisposeScope scope = NewDisposeScope();
        string[] handed = [.. plan.Handed.Where(name => given.All(g => g.Name != name))];
        List<(string Name, Tensor Value)> all =
        [
            .. given.Where(g => plan.Handed.Contains(g.Name) || plan.Inputs.Contains(g.Name)),
            .. handed.Zip(parts.Run(parts.Differentiable, given, handed)),
            .. parts.Constants(plan.Constants),
        ];
        List<(string, Tensor)> near = [.. all.Select(tensor => (tensor.Name, tensor.Value.to(parts.Device)))];
        _run = parts.Module(plan, ends).RunForGradients(near, [.. kept, .. ends],
            (rules?.Overrides ?? OperatorOverrides.None).With(_needed.Overrides));
    }

    /// <summary>A kept tensor; it stays this object's.</summary>
    public Tensor this[string name] => _run[name];

    /// <summary>The target's value.</summary>
    public double Value(AttributionTarget target)
    {
        using DisposeScope scope = NewDisposeScope();
        return Scalar(target).detach().ToDouble();
    }

    /// <summary>Gradients of a target; null where there is none. The caller's scope disposes them.</summary>
    /// <param name="target">One of the run's targets.</param>
    /// <param name="names">Kept tensors.</param>
    /// <param name="backward">The rule for activations.</param>
    /// <exception cref="CnnOnnx.OnnxException">
    /// The run has one target, and none of the tensors has a gradient of it; the operator that stops it is named.
    /// </exception>
    public Tensor?[] Gradients(AttributionTarget target, IReadOnlyList<string> names, Backward backward = Backward.Plain)
    {
        using DisposeScope scope = NewDisposeScope();
        _rules?.Switch(backward);
        try
        {
            Tensor?[] found = _run.GradientsWhereAny(Scalar(target), names);
            if (_isAlone && Array.TrueForAll(found, gradient => gradient is null))
                throw _run.NoGradient(names[0]);
            foreach (Tensor? gradient in found)
                gradient?.MoveToOuterDisposeScope();
            return found;
        }
        finally
        {
            _rules?.Switch(Backward.Plain);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _run.Dispose();

    private Tensor Scalar(AttributionTarget target) => TargetScalar.Of(
        _needed.In(target), name => _run[name], _parts.Original.Source);
}
