using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// ReciproCAM: the target's value when the layer keeps one place alone and is 0 elsewhere, less its value when it is 0 everywhere. Byun and
/// Lee 2022, https://arxiv.org/abs/2209.14074. Only what follows the layer runs, once for each place.
/// </summary>
internal static class ReciproCam
{
    public static AttributionMethod Method { get; } = new("recipro-cam", AttributionKind.Layer, AttributionNeeds.Suffix,
        "y(A at one place alone) − y(0)", "Byun and Lee 2022, https://arxiv.org/abs/2209.14074")
    { ShownPositive = true };

    public static IEnumerable<AttributionMap> Run(Explanation explanation)
    {
        foreach (string layer in explanation.Layers)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor activation = explanation.Activation(layer).cpu();
            (long height, long width) = (activation.shape[2], activation.shape[3]);
            Tensor Alone(long first, long count)
            {
                Tensor versions = zeros([count, .. activation.shape[1..]]);
                for (long i = 0; i < count; i++)
                {
                    // The last version keeps nothing.
                    if (first + i == height * width)
                        continue;
                    (long row, long column) = ((first + i) / width, (first + i) % width);
                    using DisposeScope one = NewDisposeScope();
                    versions.select(0, i).narrow(1, row, 1).narrow(2, column, 1)
                        .copy_(activation.select(0, 0).narrow(1, row, 1).narrow(2, column, 1));
                }

                return versions;
            }

            double[][] scores = BatchRuns.Scores(explanation, layer, height * width + 1, Alone);
            for (int t = 0; t < scores.Length; t++)
            {
                double empty = scores[t][^1];
                float[] map = [.. scores[t].SkipLast(1).Select(score => (float)(score - empty))];
                yield return explanation.Map(Method, layer, explanation.Targets[t], tensor(map).reshape(height, width));
            }
        }
    }
}
