using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Score-CAM: Σₖ wₖ·Aₖ with w the softmax over channels of the target's value on the input masked by channel k, enlarged and brought to
/// 0..1. Wang et al. 2020, https://arxiv.org/abs/1910.01279. Needs a run of the model for each channel, and no gradient.
/// </summary>
internal static class ScoreCam
{
    private const double Epsilon = 1e-8;

    public static AttributionMethod Method { get; } = new("score-cam", AttributionKind.Layer, AttributionNeeds.Forward,
        "Σₖ wₖ·Aₖ, w = softmax over k of y(x · enlarged Aₖ in 0..1)", "Wang et al. 2020, https://arxiv.org/abs/1910.01279")
    { ShownPositive = true };

    public static IEnumerable<AttributionMap> Run(Explanation explanation)
    {
        string input = explanation.Explained[0];
        foreach (string layer in explanation.Layers)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor activation = explanation.Activation(layer)[0], x = explanation.InputPlanes(input);
            double[][] scores = Scores(explanation, input, x, activation);
            for (int t = 0; t < scores.Length; t++)
            {
                Tensor values = tensor(scores[t]);
                Tensor weights = (explanation.Rules.ScoreIsProbability ? values : values.softmax(0)).to(ScalarType.Float32);
                Tensor map = (weights.to(activation.device).reshape(-1, 1, 1) * activation).sum([0]);
                yield return explanation.Map(Method, layer, explanation.Targets[t], map,
                    $"{scores[t].Length} masked inputs, scores {Least(scores[t])} to {Most(scores[t])}");
            }
        }
    }

    private static double[][] Scores(Explanation explanation, string input, Tensor x, Tensor activation)
    {
        ConventionRules rules = explanation.Rules;
        Tensor Masked(long first, long count)
        {
            Tensor channels = activation.narrow(0, first, count).cpu();
            Tensor small = rules.ScoreScalesFirst ? Scaling.EachToUnit(channels, Epsilon) : channels;
            Tensor large = functional.interpolate(small.unsqueeze(1), x.shape[^2..], mode: InterpolationMode.Bilinear,
                align_corners: rules.ScoreAlignsCorners);
            Tensor mask = rules.ScoreScalesFirst ? large : Scaling.EachToUnit(large.squeeze(1), Epsilon).unsqueeze(1);
            return x.cpu() * mask;
        }

        return rules.ScoreIsProbability
            ? BatchRuns.Scores(explanation, input, activation.shape[0], Masked, Probability)
            : BatchRuns.Scores(explanation, input, activation.shape[0], Masked);
    }

    // Of the class among all elements of its tensor.
    private static Tensor Probability(AttributionTarget target, Func<string, Tensor> found) =>
        TargetScalar.OfBatch(target, name =>
        {
            Tensor scores = found(name);
            return scores.reshape(scores.shape[0], -1).softmax(1).reshape(scores.shape);
        }, target.Name);

    private static string Least(double[] values) => values.Min().ToString("G4", System.Globalization.CultureInfo.InvariantCulture);

    private static string Most(double[] values) => values.Max().ToString("G4", System.Globalization.CultureInfo.InvariantCulture);
}
