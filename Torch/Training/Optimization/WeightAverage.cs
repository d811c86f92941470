using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// An exponential moving average of a network's weights and running statistics over the steps: a·average + (1 − a)·weights. In the first
/// steps a is less, (1 + step) / (10 + step), so that the first weights are soon forgotten.
/// </summary>
/// <param name="module">The network that is trained.</param>
/// <param name="decay">Share a that each step keeps, between 0 and 1.</param>
internal sealed class WeightAverage(OnnxModule module, double decay) : IDisposable
{
    private readonly (string Name, Tensor Value)[] _averages = Copies(module);

    /// <summary>The averages, by name of the weight.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> State => _averages;

    /// <summary>Takes the weights after a step in.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    public void Add(long step)
    {
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        double kept = Math.Min(decay, (1.0 + step) / (10.0 + step));
        Dictionary<string, Tensor> weights = module.state_dict();
        foreach ((string name, Tensor average) in _averages)
        {
            if (average.is_floating_point())
                average.mul_(kept).add_(weights[name], alpha: 1 - kept);
            else
                average.copy_(weights[name]);
        }
    }

    /// <summary>Puts the averages in place of the weights and the other way round; a second time puts them back.</summary>
    public void Swap()
    {
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = module.state_dict();
        foreach ((string name, Tensor average) in _averages)
        {
            Tensor weight = weights[name].clone();
            weights[name].copy_(average);
            average.copy_(weight);
        }
    }

    private static (string, Tensor)[] Copies(OnnxModule module)
    {
        using DisposeScope scope = NewDisposeScope();
        return [.. module.state_dict().Select(e => (e.Key, e.Value.detach().clone().DetachFromDisposeScope()))];
    }

    public void Dispose()
    {
        foreach ((_, Tensor average) in _averages)
            average.Dispose();
    }
}
