using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>Applies an update rule to all parameters that are trained, and owns what the rule remembers.</summary>
internal sealed class Optimizer : IDisposable
{
    private readonly TrainingOptions _options;
    private readonly UpdateRule _rule;
    private readonly (string Name, Parameter Weight, Tensor[] Slots)[] _trained;

    public Optimizer(IEnumerable<(string Name, Parameter Weight)> parameters, TrainingOptions options)
    {
        _options = options;
        _rule = UpdateRules.All[options.Optimizer];
        _trained = [.. parameters.Where(p => p.Weight.requires_grad)
            .Select(p => (p.Name, p.Weight, _rule.Slots.Select(_ => zeros_like(p.Weight, requires_grad: false).DetachFromDisposeScope()).ToArray()))];
    }

    /// <summary>How many steps were taken.</summary>
    public long Steps { get; set; }

    /// <summary>What the rule remembers, by name of the parameter and of the slot.</summary>
    public IEnumerable<(string Name, Tensor Value)> State =>
        _trained.SelectMany(t => t.Slots.Select((slot, i) => ($"{t.Name}.{_rule.Slots[i]}", slot)));

    /// <summary>Takes a step with the gradients that lie at the parameters, and clears them.</summary>
    public void Step(double rate)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        var size = new StepSize(rate, ++Steps, _options.Momentum, _options.WeightDecay);
        foreach ((_, Parameter weight, Tensor[] slots) in _trained)
        {
            if (weight.grad is not { } gradient)
                continue;
            _rule.Apply(weight, gradient, slots, size);
            weight.grad = null;
        }
    }

    public void Dispose()
    {
        foreach (Tensor slot in _trained.SelectMany(t => t.Slots))
            slot.Dispose();
    }
}
