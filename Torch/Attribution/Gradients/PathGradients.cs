using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Weighted sums of gradients along the straight way from baselines to the inputs, by target and input.</summary>
internal sealed class PathGradients(Explanation explanation) : IDisposable
{
    private readonly string[] _names = [.. explanation.Explained.Select(explanation.Parts.Differentiated)];

    /// <summary>Sums by target and input, in the input's own axes; null where no gradient was found.</summary>
    public Tensor?[,] Sums { get; } = new Tensor?[explanation.Targets.Count, explanation.Explained.Count];

    /// <summary>Adds the gradients at a place of the way.</summary>
    /// <param name="baselines">A baseline for each explained input.</param>
    /// <param name="place">0 at the baseline, 1 at the input.</param>
    /// <param name="weight">Factor of the gradients.</param>
    /// <param name="timesDifference">Multiply by the whole way, input minus baseline.</param>
    public void Add(IReadOnlyList<Tensor> baselines, double place, double weight, bool timesDifference)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] ways = [.. explanation.Explained.Zip(baselines, (input, from) => explanation.ValueOf(input) - from)];
        (string, Tensor)[] changed = [.. explanation.Explained.Select((input, i) => (input, baselines[i] + ways[i] * place))];
        using Passes passes = explanation.With(changed, _names);
        for (int t = 0; t < explanation.Targets.Count; t++)
        {
            Tensor?[] gradients = passes.Gradients(explanation.Targets[t], _names);
            for (int i = 0; i < gradients.Length; i++)
            {
                if (gradients[i] is not { } gradient)
                    continue;
                Tensor part = gradient.to(ScalarType.Float64) * weight;
                (Sums[t, i] ??= zeros_like(part).DetachFromDisposeScope()).add_(timesDifference ? part * ways[i].to(part.device) : part);
            }
        }
    }

    /// <summary>The sum over all inputs of a target's values.</summary>
    public double Total(int target, double scale) =>
        Enumerable.Range(0, _names.Length).Sum(i => Sums[target, i] is { } sum ? sum.sum().ToDouble() * scale : 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor? sum in Sums)
            sum?.Dispose();
    }
}
