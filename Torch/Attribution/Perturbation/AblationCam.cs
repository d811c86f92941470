using CnnOnnx.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Ablation-CAM: Σₖ wₖ·Aₖ with wₖ = (y − yₖ)/y, yₖ the target without channel k. Desai and Ramaswamy 2020,
/// https://doi.org/10.1109/WACV45572.2020.9093360. Only what follows the layer runs, once for each channel; where that is a mean over all
/// places, which takes the channels one by one, what follows the mean.
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
            long channels = activation.shape[1];
            string? mean = MeanOf(explanation, layer);
            using var versions = new Ablated(mean is null ? activation : Means(explanation, mean, activation), mean is not null
                && !explanation.AxesOf(mean).IsOfMaps, fill);
            // The last version is whole.
            double[][] scores = BatchRuns.Scores(explanation, mean ?? layer, channels + 1, versions.From);
            for (int t = 0; t < scores.Length; t++)
            {
                double whole = scores[t][channels];
                float[] weights = Array.ConvertAll(
                    scores[t][..(int)channels], score => (float)((whole - score) / (whole == 0 ? 1 : whole)));
                Tensor map = (tensor(weights).reshape(-1, 1, 1) * activation[0]).sum([0]);
                yield return explanation.Map(Method, layer, explanation.Targets[t], map, whole < 0
                    ? "the target is negative, which turns the sign of the weights: channels that hold it up count against it" : null);
            }
        }
    }

    private static Tensor Means(Explanation explanation, string mean, Tensor activation)
    {
        Tensor means = activation.mean([2, 3], keepdim: true);
        return explanation.AxesOf(mean).IsOfMaps ? means : means.permute(0, 2, 3, 1);
    }

    // The mean over all places that is the one reader of a layer; null for none.
    private static string? MeanOf(Explanation explanation, string layer)
    {
        OnnxGraph graph = explanation.Parts.Original.Graph;
        OnnxNode[] readers = [.. graph.Nodes.Where(node => NodeOrder.UsedNames(node).Contains(layer))];
        return readers is [var reader] && (reader.OpType == "GlobalAveragePool" || ClassActivationMap.IsMeanOverPlaces(graph, reader))
            && explanation.Targets.All(target => target.Terms.All(term => term.Tensor != layer))
            && explanation.Parts.Shapes(explanation.Inputs).TryGetValue(reader.Outputs[0], out var shape) && shape.Rank is 2 or 4
                ? reader.Outputs[0] : null;
    }

    /// <summary>Copies of a tensor, each without another channel, in memory that batches share: only channels are written anew.</summary>
    private sealed class Ablated(Tensor whole, bool isVector, double fill) : IDisposable
    {
        private readonly int _axis = isVector ? 3 : 1;
        private Tensor? _copies;
        private long _first;

        /// <summary>Copies without the channels from one on; behind the last channel a whole one.</summary>
        public Tensor From(long first, long count)
        {
            _copies ??= whole.expand([count, .. whole.shape[1..]]).clone().DetachFromDisposeScope();
            if (first > _first)
                Missing(_first, _copies.shape[0]).copy_(Moved(whole.narrow(_axis, _first, Left(_first, _copies.shape[0])).squeeze(0)));
            _first = first;
            Missing(first, count).fill_(fill);
            return _copies.narrow(0, 0, count);
        }

        public void Dispose() => _copies?.Dispose();

        // The diagonal of copies and channels: the channel that each copy is without, channels last.
        private Tensor Missing(long first, long count) =>
            _copies!.narrow(0, 0, Left(first, count)).narrow(_axis, first, Left(first, count)).diagonal(0, 0, _axis);

        private Tensor Moved(Tensor channels) => isVector ? channels : channels.permute(1, 2, 0);

        private long Left(long first, long count) => Math.Max(0, Math.Min(count, whole.shape[_axis] - first));
    }
}
