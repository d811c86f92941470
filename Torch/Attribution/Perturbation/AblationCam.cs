using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Ablation-CAM: Σₖ wₖ·Aₖ with wₖ = (y − yₖ)/y, yₖ the target without channel k. Desai and Ramaswamy 2020,
/// https://doi.org/10.1109/WACV45572.2020.9093360. Only what follows the layer runs, once for each channel.
/// </summary>
internal static class AblationCam
{
    // pytorch-grad-cam's "far below all others".
    private const double FarBelow = 1e7;

    public static AttributionMethod Method { get; } = new("ablation-cam", AttributionKind.Layer, AttributionNeeds.Suffix,
        "Σₖ wₖ·Aₖ, wₖ = (y − y without Aₖ)/y", "Desai and Ramaswamy 2020, https://doi.org/10.1109/WACV45572.2020.9093360")
    { ShownPositive = true };

    public static IEnumerable<AttributionMap> Run(Explanation explanation)
    {
        foreach (string layer in explanation.Layers)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor activation = explanation.Activation(layer).cpu();
            double least = activation.min().ToDouble();
            double fill = explanation.Rules.AblationFarBelow && least != 0 ? least - FarBelow : 0;
            Tensor Without(long first, long count)
            {
                Tensor versions = activation.expand([count, .. activation.shape[1..]]).clone();
                for (long i = 0; i < count; i++)
                    versions.select(0, i).select(0, first + i).fill_(fill);
                return versions;
            }

            double[][] scores = BatchRuns.Scores(explanation, layer, activation.shape[1], Without);
            for (int t = 0; t < scores.Length; t++)
            {
                double whole = explanation.Value(explanation.Targets[t]);
                float[] weights = Array.ConvertAll(scores[t], score => (float)((whole - score) / (whole == 0 ? 1 : whole)));
                Tensor map = (tensor(weights).reshape(-1, 1, 1) * activation[0]).sum([0]);
                yield return explanation.Map(Method, layer, explanation.Targets[t], map, whole < 0
                    ? "the target is negative, which turns the sign of the weights: channels that hold it up count against it" : null);
            }
        }
    }
}
