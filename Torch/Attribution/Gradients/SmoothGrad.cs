using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Gradients over noisy copies of the input: their mean (SmoothGrad, Smilkov et al. 2017, https://arxiv.org/abs/1706.03825), the mean of
/// their squares (SmoothGrad-Squared, Hooker et al. 2019, https://arxiv.org/abs/1806.10758) and their variance (VarGrad, Adebayo et al.
/// 2018, https://arxiv.org/abs/1810.03292). The three share their passes.
/// </summary>
internal static class SmoothGrad
{
    public static AttributionMethod Mean { get; } = new("smooth-grad", AttributionKind.Input, AttributionNeeds.Gradient,
        "mean of ∂y/∂x over x + noise", "Smilkov et al. 2017, https://arxiv.org/abs/1706.03825");

    public static AttributionMethod Squared { get; } = new("smooth-grad-squared", AttributionKind.Input, AttributionNeeds.Gradient,
        "mean of (∂y/∂x)² over x + noise", "Hooker et al. 2019, https://arxiv.org/abs/1806.10758");

    public static AttributionMethod Variance { get; } = new("var-grad", AttributionKind.Input, AttributionNeeds.Gradient,
        "mean of (∂y/∂x)² − (mean of ∂y/∂x)² over x + noise", "Adebayo et al. 2018, https://arxiv.org/abs/1810.03292");

    public static IEnumerable<AttributionMap> Run(Explanation explanation, AttributionMethod method)
    {
        GradientMoments moments = explanation.Once("noise", () => new GradientMoments(explanation,
            [.. explanation.Explained.Select(explanation.Parts.Differentiated)],
            explanation.Options.Samples ?? explanation.Rules.Samples, explanation.Options.Noise ?? explanation.Rules.Noise));
        for (int t = 0; t < explanation.Targets.Count; t++)
        {
            foreach (string input in explanation.Explained)
            {
                using DisposeScope scope = NewDisposeScope();
                yield return moments.Of(t, explanation.Parts.Differentiated(input)) is { } found
                    ? explanation.Map(method, input, explanation.Targets[t], explanation.AxesOf(input).ToPlanes(
                        method == Mean ? found.Mean : method == Squared ? found.Squares
                            : (found.Squares - found.Mean.square()).clamp_min(0))[0],
                        $"{moments.Samples} noisy copies, seed {explanation.Options.Seed}")
                    : explanation.Blank(method, input, explanation.Targets[t], explanation.InputPlanes(input)[0]);
            }
        }
    }
}
