using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Full-Grad: what comes from the input, x·∂y/∂x, and what comes from each bias of a convolution or normalisation, without sign, brought to
/// 0..1, enlarged to the input and added up. Srinivas and Fleuret 2019, https://arxiv.org/abs/1905.00780. In networks of ReLUs the signed
/// parts sum to the target, which the map's note says.
/// </summary>
internal static class FullGrad
{
    private const double Epsilon = 1e-6;

    public static AttributionMethod Method { get; } = new("full-grad", AttributionKind.Input, AttributionNeeds.Gradient,
        "ψ(x·∂y/∂x) + Σ ψ(b·∂y/∂b), ψ = enlarged, 0..1, |·|", "Srinivas and Fleuret 2019, https://arxiv.org/abs/1905.00780")
    { ShownPositive = true };

    public static IEnumerable<AttributionMap> Run(Explanation explanation, AttributionTarget target)
    {
        using DisposeScope scope = NewDisposeScope();
        string input = explanation.Explained[0];
        Tensor x = explanation.InputPlanes(input);
        if (explanation.Gradient(input) is not { } gradient)
            return [explanation.Blank(Method, input, target, x[0])];
        double total = (x * gradient).sum().ToDouble();
        Tensor map = Part((x * gradient)[0], x.shape[^2..], explanation.Rules);
        foreach (BiasedNode bias in explanation.Biases)
        {
            using DisposeScope one = NewDisposeScope();
            if (explanation.Gradient(bias.Tensor) is not { } at)
                continue;
            Tensor share = bias.Share(at);
            total += share.sum().ToDouble();
            if (share.shape[^1] * share.shape[^2] > 1 && share.shape[1] == bias.Values.Length)
                map = (map + Part(share[0], x.shape[^2..], explanation.Rules)).MoveToOuterDisposeScope();
        }

        return [explanation.Map(Method, input, target, map, string.Create(CultureInfo.InvariantCulture,
            $"input and {explanation.Biases.Count} biases account for {total:G5} of {explanation.Value(target):G5}"))];
    }

    // [C, h, w] → [H, W]
    private static Tensor Part(Tensor share, long[] size, ConventionRules rules)
    {
        Tensor positive = share.abs();
        Tensor unit = rules.FullGradByChannel ? Scaling.EachToUnit(positive, Epsilon) : Scaling.ToUnit(positive, Epsilon);
        // Enlarging is linear: the sum of all channels is enlarged once.
        Tensor sum = unit.sum([0]).unsqueeze(0).unsqueeze(0);
        return functional.interpolate(sum, size, mode: InterpolationMode.Bilinear, align_corners: false)[0, 0];
    }
}
