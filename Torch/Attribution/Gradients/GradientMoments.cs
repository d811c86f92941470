using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Sums of gradients, of their squares and of their cubes over noisy copies of the inputs, by target and by tensor.</summary>
internal sealed class GradientMoments : IDisposable
{
    private readonly Dictionary<(int Target, string Tensor), Tensor[]> _sums = [];

    /// <summary>Gradients over noisy copies, the same for the same seed.</summary>
    /// <param name="explanation">The picture.</param>
    /// <param name="names">Tensors to differentiate by.</param>
    /// <param name="samples">Number of copies.</param>
    /// <param name="deviation">
    /// Standard deviation of the noise as a share of an input's range or, if the convention says so, in its units.
    /// </param>
    public GradientMoments(Explanation explanation, IReadOnlyList<string> names, int samples, double deviation)
    {
        Samples = samples;
        using var random = new Generator((ulong)explanation.Options.Seed, CPU);
        for (int i = 0; i < samples; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            (string, Tensor)[] noisy = [.. explanation.Explained.Select(input =>
            {
                Tensor value = explanation.ValueOf(input);
                double range = explanation.Rules.NoiseIsAbsolute ? 1 : (value.max() - value.min()).ToDouble();
                return (input, value + randn(value.shape, generator: random).to(value.device) * (deviation * range));
            })];
            using Passes passes = explanation.With(noisy, names);
            for (int t = 0; t < explanation.Targets.Count; t++)
            {
                Tensor?[] gradients = passes.Gradients(explanation.Targets[t], names);
                for (int n = 0; n < names.Count; n++)
                    if (gradients[n] is { } gradient)
                        Add(t, names[n], gradient.to(ScalarType.Float64));
            }
        }
    }

    public int Samples { get; }

    /// <summary>
    /// Means of the gradient, of its square and of its cube, and the gradient at the last copy; null where there was none. They stay this
    /// object's, in double precision, since a variance is a small difference.
    /// </summary>
    public (Tensor Mean, Tensor Squares, Tensor Cubes, Tensor Last)? Of(int target, string tensor) =>
        _sums.TryGetValue((target, tensor), out Tensor[]? sums) ? (sums[0] / Samples, sums[1] / Samples, sums[2] / Samples, sums[3]) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor sum in _sums.Values.SelectMany(sums => sums))
            sum.Dispose();
    }

    private void Add(int target, string tensor, Tensor gradient)
    {
        if (!_sums.TryGetValue((target, tensor), out Tensor[]? sums))
            _sums[(target, tensor)] = sums = [.. Enumerable.Range(0, 4).Select(_ => zeros_like(gradient).DetachFromDisposeScope())];
        sums[0].add_(gradient);
        sums[1].add_(gradient.square());
        sums[2].add_(gradient.pow(3));
        sums[3].copy_(gradient);
    }
}
