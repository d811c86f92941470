using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Inference;

/// <summary>
/// What the first convolution of a network tells about the pictures that it was trained on. A kernel k with the sums s(k,c) of its
/// channels answers to pictures of the mean m and the deviation d with
/// <code>
/// mean of the answer     = Σ s(k,c) · m(c)                      which BatchNormalization behind it keeps as its running mean
/// variance of the answer = d² · Σ w(k,i) · r(i,j) · w(k,j)      which it keeps as its running variance
/// </code>
/// where r is how alike neighbouring pixels of photographs are. Where BatchNormalization was folded into it, its answers have a
/// deviation near 1 and its biases hold −Σ s(k,c) · m(c), among others.
/// </summary>
/// <param name="Mean">The pictures' mean by channel, in the network's units; null where the file does not tell.</param>
/// <param name="Deviation">The pictures' standard deviation in the network's units.</param>
/// <param name="HasStatistics">True when a BatchNormalization tells both; false when they are inferred from biases and sizes.</param>
/// <param name="Significance">How many standard errors the mean is from 0; without sign for a running mean.</param>
internal sealed record FirstConvolution(double[]? Mean, double Deviation, bool HasStatistics, double Significance)
{
    // Correlation of neighbouring pixels, and of the colours of one pixel, in photographs.
    private const double Neighbours = 0.95, Colours = 0.92;

    // First layers are small; a larger one would take longer than it is worth.
    private const long MostProducts = 1 << 25;

    // A running mean that follows from the pictures' mean to less than a third does not come from such pictures.
    private const double MostResidual = 0.35;

    // Answers whose means are so small beside their deviations are those to pictures with a mean of 0.
    private const double LeastMean = 0.15;

    // A filter that never answers says nothing.
    private const double DeadShare = 1e-3;

    /// <param name="graph">A graph without calls of local functions.</param>
    /// <param name="node">A Conv whose input the picture is.</param>
    /// <returns>Null where the weights are not known before a run, or too few.</returns>
    public static FirstConvolution? Of(OnnxGraph graph, OnnxNode node)
    {
        if (node.Inputs.Length < 2 || ConstantExpression.Of(graph, node.Inputs[1]) is not { HasData: true } kernels
            || kernels.Shape is not { Rank: 4, Count: > 0 } shape || node.Int("group", 1) != 1
            || (double)shape.Count * shape.Count / shape[0] > MostProducts)
            return null;
        var weights = new Kernels(kernels.Load(), shape);
        OnnxNode? next = graph.Nodes.FirstOrDefault(n => n.Inputs.Contains(node.Outputs[0]));
        // In front of a normalisation weights of any size do the same.
        return next is { OpType: "BatchNormalization", Inputs.Length: >= 5 } ? OfStatistics(graph, next, weights)
            : next is { OpType: "InstanceNormalization" or "LayerNormalization" or "GroupNormalization" } ? null
            : OfBiases(weights, BiasesOf(graph, node, next, weights.Count));
    }

    private static FirstConvolution? OfStatistics(OnnxGraph graph, OnnxNode normalization, Kernels weights)
    {
        if (Constants(graph, normalization.Inputs[3], weights.Count) is not { } means
            || Constants(graph, normalization.Inputs[4], weights.Count) is not { } variances
            // As before any training.
            || (means.All(m => m == 0) && variances.All(v => v == 1)))
            return null;
        double least = DeadShare * Median(variances);
        int[] live = [.. Enumerable.Range(0, weights.Count).Where(k => variances[k] > least && weights.Spread(k) > 0)];
        if (live.Length == 0)
            return null;
        double deviation = Math.Sqrt(Median([.. live.Select(k => variances[k] / weights.Spread(k))]));
        if (Math.Sqrt(live.Average(k => means[k] * means[k] / variances[k])) < LeastMean)
            return new FirstConvolution(new double[weights.Channels], deviation, true, 0);
        var fit = LinearFit.Of([.. live.Select(weights.Sums)], [.. live.Select(k => means[k])]);
        return fit is not { Residual: <= MostResidual }
            ? new FirstConvolution(null, deviation, true, 0)
            : new FirstConvolution(fit.Values, deviation, true, fit.Values.Zip(fit.Errors, (v, e) => Math.Abs(v) / e).Max());
    }

    private static FirstConvolution? OfBiases(Kernels weights, double[]? biases)
    {
        double[] spreads = [.. Enumerable.Range(0, weights.Count).Select(weights.Spread).Where(spread => spread > 0)];
        if (spreads.Length == 0)
            return null;
        double deviation = 1 / Math.Sqrt(Median(spreads));
        // One mean for all channels: their sums are too alike to tell them apart beside what else biases hold.
        var fit = biases is null ? null
            : LinearFit.Of([.. Enumerable.Range(0, weights.Count).Select(k => new[] { weights.Sums(k).Sum(), 1 })], biases);
        return fit is null
            ? new FirstConvolution(null, deviation, false, 0)
            : new FirstConvolution([-fit.Values[0]], deviation, false, -fit.Values[0] / fit.Errors[0]);
    }

    private static double[]? BiasesOf(OnnxGraph graph, OnnxNode node, OnnxNode? next, int count) =>
        node.HasInput(2) ? Constants(graph, node.Inputs[2], count)
        : next is { OpType: "Add" } ? next.Inputs.Select(name => Constants(graph, name, count)).FirstOrDefault(found => found is not null)
        : null;

    private static double[]? Constants(OnnxGraph graph, string name, int count) =>
        ConstantExpression.Of(graph, name) is { HasData: true } constants && constants.Shape.Count == count
            ? Array.ConvertAll(constants.Load(), value => (double)value)
            : null;

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    /// <summary>Kernels [K, C, h, w] of a convolution.</summary>
    private sealed class Kernels(float[] values, TensorShape shape)
    {
        private readonly int _area = (int)(shape[2] * shape[3]), _width = (int)shape[3];

        // How alike two pixels are, by the square of their distance.
        private readonly double[] _alike =
            [.. Enumerable.Range(0, (int)(shape[2] * shape[2] + shape[3] * shape[3]) + 1).Select(d => Math.Pow(Neighbours, Math.Sqrt(d)))];

        public int Count { get; } = (int)shape[0];

        public int Channels { get; } = (int)shape[1];

        /// <summary>Sum of a kernel by channel.</summary>
        public double[] Sums(int kernel) => [.. Enumerable.Range(0, Channels).Select(c => Sum(kernel, c))];

        /// <summary>Variance of the kernel's answers to photographs whose pixels have the variance 1.</summary>
        public double Spread(int kernel)
        {
            ReadOnlySpan<float> all = values.AsSpan(kernel * Channels * _area, Channels * _area);
            double spread = 0;
            for (int i = 0; i < all.Length; i++)
                for (int j = 0; j < all.Length; j++)
                    spread += (double)all[i] * all[j] * Alike(i, j);
            return spread;
        }

        private double Alike(int i, int j)
        {
            (int a, int b) = (i % _area, j % _area);
            int dx = a % _width - b % _width, dy = a / _width - b / _width;
            return _alike[dx * dx + dy * dy] * (i / _area == j / _area ? 1 : Colours);
        }

        private double Sum(int kernel, int channel)
        {
            double sum = 0;
            foreach (float value in values.AsSpan((kernel * Channels + channel) * _area, _area))
                sum += value;
            return sum;
        }
    }
}
