using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Applies an update rule to all parameters that are trained, and owns what the rule remembers.</summary>
/// <param name="parameters">All of the network; those that are frozen are left alone.</param>
/// <param name="rule">A name of <see cref="UpdateRules"/>.</param>
internal sealed class Optimizer(IEnumerable<(string Name, Parameter Weight)> parameters, string rule) : IDisposable
{
    private readonly UpdateRule _rule = UpdateRules.All[rule];
    private readonly (string Name, Parameter Weight, Tensor[] Slots)[] _trained =
        [.. parameters.Where(p => p.Weight.requires_grad).Select(p => (p.Name, p.Weight, Slots(p.Weight, UpdateRules.All[rule])))];

    /// <summary>Share of the last step that the rule momentum keeps.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>L2 penalty, as part of the gradient; adamw shrinks the weights by it instead.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Names of parameters without that penalty.</summary>
    public IReadOnlySet<string> NotDecayed { get; init; } = new HashSet<string>();

    /// <summary>Names of parameters with a further L2 penalty.</summary>
    public IReadOnlySet<string> Penalized { get; init; } = new HashSet<string>();

    /// <summary>The further penalty, beside <see cref="WeightDecay"/>.</summary>
    public double Penalty { get; init; }

    /// <summary>Factors of the learning rate by the name of the parameter; 1 for those that are not in it.</summary>
    public IReadOnlyDictionary<string, double> Factors { get; init; } = new Dictionary<string, double>();

    /// <summary>Greatest length of all gradients together; longer ones are shortened to it. Null for any.</summary>
    public double? Clip { get; init; }

    /// <summary>Number of steps that were taken.</summary>
    public long Steps { get; set; }

    /// <summary>Tensors that the rule remembers, by name of the parameter and of the slot.</summary>
    public IEnumerable<(string Name, Tensor Value)> State =>
        _trained.SelectMany(t => t.Slots.Select((slot, i) => ($"{t.Name}.{_rule.Slots[i]}", slot)));

    /// <summary>Takes a step with the gradients that lie at the parameters, and clears them.</summary>
    public void Step(double rate)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Shorten();
        var size = new StepSize(rate, ++Steps, Momentum, WeightDecay);
        foreach ((string name, Parameter weight, Tensor[] slots) in _trained)
        {
            if (weight.grad is not { } gradient)
                continue;
            _rule.Apply(weight, gradient, slots, size with
            {
                Rate = rate * Factors.GetValueOrDefault(name, 1),
                WeightDecay = Penalized.Contains(name) ? WeightDecay + Penalty : NotDecayed.Contains(name) ? 0 : WeightDecay,
            });
            weight.grad = null;
        }
    }

    // As PyTorch's clip_grad_norm_ does, and without reading anything back from an accelerator.
    private void Shorten()
    {
        if (Clip is not { } most)
            return;
        Tensor[] gradients = [.. _trained.Select(t => t.Weight.grad).OfType<Tensor>()];
        if (gradients.Length == 0)
            return;
        const double epsilon = 1e-6;
        Tensor length = stack([.. gradients.Select(g => g.norm())]).norm();
        Tensor factor = (length + epsilon).reciprocal_().mul_(most).clamp_(max: 1);
        foreach (Tensor gradient in gradients)
            gradient.mul_(factor);
    }

    public void Dispose()
    {
        foreach (Tensor slot in _trained.SelectMany(t => t.Slots))
            slot.Dispose();
    }

    private static Tensor[] Slots(Parameter weight, UpdateRule rule) =>
        [.. rule.Slots.Select(_ => zeros_like(weight, requires_grad: false).DetachFromDisposeScope())];
}
