using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Smooth Grad-CAM++: Grad-CAM++ of derivatives that are means over noisy copies of the input. Omeiza et al. 2019,
/// https://arxiv.org/abs/1908.01224. The activations are those of the picture itself.
/// </summary>
internal static class SmoothGradCamPlusPlus
{
    public static AttributionMethod Method { get; } = new("smooth-grad-cam-plus-plus", AttributionKind.Layer, AttributionNeeds.Gradient,
        "Grad-CAM++ of means of G, G² and G³ over noisy inputs", "Omeiza et al. 2019, https://arxiv.org/abs/1908.01224")
    { ShownPositive = true };

    public static IEnumerable<AttributionMap> Run(Explanation explanation)
    {
        ConventionRules rules = explanation.Rules;
        using var moments = new GradientMoments(explanation, explanation.Layers, explanation.Options.Samples ?? rules.CamSamples,
            explanation.Options.Noise ?? rules.CamNoise);
        for (int t = 0; t < explanation.Targets.Count; t++)
        {
            foreach (string layer in explanation.Layers)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor activation = explanation.Activation(layer)[0].to(ScalarType.Float64);
                MapAxes axes = explanation.AxesOf(layer);
                // torch-cam takes the first derivative of the last copy alone.
                yield return moments.Of(t, layer) is { } found
                    ? explanation.Map(Method, layer, explanation.Targets[t], GradCamPlusPlus.Map(activation,
                        axes.ToPlanes(rules.PlusPlusCubes ? found.Last : found.Mean)[0], axes.ToPlanes(found.Squares)[0],
                        axes.ToPlanes(found.Cubes)[0], rules.PlusPlusEpsilon),
                        $"mean over {moments.Samples} noisy copies, seed {explanation.Options.Seed}")
                    : explanation.Blank(Method, layer, explanation.Targets[t], activation[0]);
            }
        }
    }
}
