using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Integrated gradients: (x − x')·∫ ∂y/∂x along the straight way from a baseline x'. Sundararajan et al. 2017,
/// https://arxiv.org/abs/1703.01365. Their sum is y(x) − y(x'): midpoints are added, three times as many each round with the old ones
/// among them, until it is so within <see cref="ExplainerOptions.Completeness"/>. Midpoints, because ReLUs put kinks into the way, on which
/// rules of higher order gain nothing.
/// </summary>
internal static class IntegratedGradients
{
    private const int FirstSteps = 16;

    public static AttributionMethod Method { get; } = new("integrated-gradients", AttributionKind.Input, AttributionNeeds.Gradient,
        "(x − x')·∫₀¹ ∂y/∂x (x' + a(x − x')) da", "Sundararajan et al. 2017, https://arxiv.org/abs/1703.01365");

    public static IEnumerable<AttributionMap> Run(Explanation explanation)
    {
        ConventionRules rules = explanation.Rules;
        using DisposeScope scope = NewDisposeScope();
        using var path = new PathGradients(explanation);
        float baseline = explanation.Options.Baseline;
        Tensor[] baselines = [.. explanation.Explained.Select(input => full_like(explanation.ValueOf(input), baseline))];
        (string, Tensor)[] start = [.. explanation.Explained.Zip(baselines)];
        double[] changes;
        string[] names = [.. explanation.Explained.Select(explanation.Parts.Differentiated)];
        using (Passes from = explanation.With(start, names), to = explanation.With([], names))
            changes = [.. explanation.Targets.Select(target => to.Value(target) - from.Value(target))];

        (int steps, double scale) = rules.Steps is { } fixedSteps ? (fixedSteps, Fixed(path, baselines, rules, fixedSteps))
            : Adaptive(explanation, path, baselines, changes);
        var maps = new List<AttributionMap>();
        for (int t = 0; t < explanation.Targets.Count; t++)
        {
            string remark = rules.TimesDifference ? Remark(path.Total(t, scale), changes[t], steps, explanation.Options.Completeness)
                : $"{steps} steps, not multiplied by the way from the baseline";
            for (int i = 0; i < explanation.Explained.Count; i++)
            {
                string input = explanation.Explained[i];
                maps.Add(path.Sums[t, i] is { } sum
                    ? explanation.Map(Method, input, explanation.Targets[t], explanation.AxesOf(input).ToPlanes(sum * scale)[0], remark)
                    : explanation.Blank(Method, input, explanation.Targets[t], explanation.InputPlanes(input)[0]));
            }
        }

        return maps;
    }

    private static (int Steps, double Scale) Adaptive(
        Explanation explanation, PathGradients path, Tensor[] baselines, double[] changes)
    {
        int steps = Math.Max(1, Math.Min(FirstSteps, explanation.Options.MostSteps));
        for (int i = 0; i < steps; i++)
            path.Add(baselines, (i + 0.5) / steps, 1, true);
        while (steps * 3 <= explanation.Options.MostSteps && Enumerable.Range(0, changes.Length).Any(t =>
            Math.Abs(path.Total(t, 1.0 / steps) - changes[t]) > explanation.Options.Completeness * Math.Abs(changes[t])))
        {
            // Each interval falls into three; the midpoint of the middle one is there.
            steps *= 3;
            for (int i = 0; i < steps; i++)
                if (i % 3 != 1)
                    path.Add(baselines, (i + 0.5) / steps, 1, true);
        }

        return (steps, 1.0 / steps);
    }

    private static double Fixed(PathGradients path, Tensor[] baselines, ConventionRules rules, int steps)
    {
        if (rules.StepsFromZeroToOne)
            for (int i = 0; i <= steps; i++)
                path.Add(baselines, (double)i / steps, 1.0 / steps, rules.TimesDifference);
        else
            foreach ((double place, double weight) in GaussLegendre.Nodes(steps))
                path.Add(baselines, place, weight, rules.TimesDifference);
        return 1;
    }

    private static string Remark(double sum, double change, int steps, double allowed)
    {
        double gap = Math.Abs(sum - change) / Math.Max(Math.Abs(change), 1e-12);
        string judged = gap <= allowed ? "complete" : "NOT complete";
        return string.Create(CultureInfo.InvariantCulture,
            $"{judged}: the values sum to {sum:G5} of a change of {change:G5} (gap {gap:P2}) in {steps} steps");
    }
}
