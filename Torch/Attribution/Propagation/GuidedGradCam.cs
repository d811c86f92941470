using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Guided Grad-CAM: guided backpropagation weighed by the positive part of Grad-CAM, enlarged to the input. Selvaraju et al. 2017,
/// https://arxiv.org/abs/1610.02391. All layers share one forward and two backward passes.
/// </summary>
internal static class GuidedGradCam
{
    public static AttributionMethod Method { get; } = new("guided-grad-cam", AttributionKind.InputByLayer, AttributionNeeds.Gradient,
        "guided backprop · enlarged max(Grad-CAM, 0)", "Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391");

    public static IEnumerable<AttributionMap> Run(Explanation explanation, AttributionTarget target)
    {
        foreach (string layer in explanation.Layers)
        {
            using DisposeScope scope = NewDisposeScope();
            string input = explanation.Explained[0];
            if (explanation.Gradient(layer) is not { } gradient || explanation.Gradient(input, Backward.Guided) is not { } guided)
            {
                yield return explanation.Blank(Method, layer, target, explanation.InputPlanes(input)[0]);
                continue;
            }

            Tensor cam = GradCam.Map(explanation.Activation(layer)[0], gradient[0], explanation.Rules);
            string? blank = cam.max().ToDouble() > 0 ? null : $"blank: no place of '{layer}' speaks for '{target.Name}' in Grad-CAM";
            Tensor mask = Enlarged(cam.clamp_min(0), guided.shape[^2..], explanation.Rules.GuidedMask);
            yield return explanation.Map(Method, layer, target, guided[0] * mask, blank, explanation.RulesRemark);
        }
    }

    /// <summary>A map [h, w] in another size, [H, W].</summary>
    private static Tensor Enlarged(Tensor map, long[] size, GuidedMask kind)
    {
        Tensor planes = (kind == GuidedMask.Scaled ? Scaling.ToUnit(map, 1e-7) : map).unsqueeze(0).unsqueeze(0);
        return (kind == GuidedMask.Nearest
            ? functional.interpolate(planes, size, mode: InterpolationMode.Nearest)
            : functional.interpolate(planes, size, mode: InterpolationMode.Bilinear, align_corners: false))[0, 0];
    }
}
