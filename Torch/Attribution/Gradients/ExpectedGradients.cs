using CnnOnnx.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Expected gradients: the mean of (x − x')·∂y/∂x over baselines x' and random places of the way from each. Erion et al. 2021,
/// https://arxiv.org/abs/1906.10670; GradientSHAP is the same. Their sum tends to y(x) minus the mean of y over the baselines.
/// </summary>
internal static class ExpectedGradients
{
    public static AttributionMethod Method { get; } = new("expected-gradients", AttributionKind.Input, AttributionNeeds.Gradient,
        "mean of (x − x')·∂y/∂x (x' + a(x − x')) over baselines x' and a in 0..1", "Erion et al. 2021, https://arxiv.org/abs/1906.10670");

    public static IEnumerable<AttributionMap> Run(Explanation explanation)
    {
        IReadOnlyList<Tensor> given = explanation.Options.Baselines;
        int samples = Math.Max(explanation.Options.Samples ?? explanation.Rules.Samples, given.Count);
        using DisposeScope scope = NewDisposeScope();
        using var path = new PathGradients(explanation);
        var random = new Random(explanation.Options.Seed);
        for (int i = 0; i < samples; i++)
        {
            using DisposeScope one = NewDisposeScope();
            // One place in each n-th of the way: as random, with less spread.
            double place = (i / given.Count + random.NextDouble()) / Math.Ceiling((double)samples / given.Count);
            Tensor[] baselines = [.. explanation.Explained.Select(explanation.ValueOf)];
            baselines[0] = Fitting(given[i % given.Count], baselines[0], explanation);
            path.Add(baselines, Math.Min(place, 1), 1.0 / samples, true);
        }

        var maps = new List<AttributionMap>();
        for (int t = 0; t < explanation.Targets.Count; t++)
            for (int i = 0; i < explanation.Explained.Count; i++)
            {
                string input = explanation.Explained[i];
                maps.Add(path.Sums[t, i] is { } sum
                    ? explanation.Map(Method, input, explanation.Targets[t], explanation.AxesOf(input).ToPlanes(sum)[0],
                        $"{samples} places on the ways from {given.Count} baselines, seed {explanation.Options.Seed}")
                    : explanation.Blank(Method, input, explanation.Targets[t], explanation.InputPlanes(input)[0]));
            }

        return maps;
    }

    private static Tensor Fitting(Tensor baseline, Tensor input, Explanation explanation) =>
        baseline.shape.AsSpan().SequenceEqual(input.shape)
            ? baseline.to(input.dtype)
            : throw new OnnxException(explanation.Parts.Original.Source,
                $"is given a baseline of shape {new TensorShape(baseline.shape)}, expected {new TensorShape(input.shape)} as the input is");
}
