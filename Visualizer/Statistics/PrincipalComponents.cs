using System.Numerics.Tensors;

namespace CnnOnnx.Visualizer.Statistics;

/// <summary>
/// The three directions in the space of a layer's channels along which its positions differ most, by orthogonal iteration
/// (Golub and Van Loan, Matrix Computations, 8.2.4) on a sample of the positions: never a C×C matrix, so 2,048 channels cost
/// little more than 64.
/// </summary>
/// <param name="Weights">A row of C weights for each component; the rows are orthonormal.</param>
/// <param name="Explained">Share of the variance that each component holds, the largest first.</param>
/// <param name="Scores">Of the sampled positions, a row for each component; the mean is 0.</param>
internal sealed record PrincipalComponents(float[][] Weights, double[] Explained, float[][] Scores)
{
    public const int Count = 3;

    private const int Iterations = 12, Seed = 1901;

    /// <summary>Null when all positions are the same or some value is not finite.</summary>
    /// <param name="sample">A row for each channel: its values at some positions. Its means are taken off in place.</param>
    public static PrincipalComponents? Of(float[][] sample)
    {
        double total = 0;
        foreach (float[] row in sample)
        {
            TensorPrimitives.Add(row, (float)-(row.Select(v => (double)v).Sum() / row.Length), row);
            total += TensorPrimitives.SumOfSquares<float>(row);
        }

        if (!(total > 0) || !double.IsFinite(total))
            return null;
        var random = new Random(Seed);
        int count = Math.Min(Count, sample.Length);
        float[][] weights = [.. Enumerable.Range(0, count).Select(_ => Array.ConvertAll(sample, _ => random.NextSingle() - 0.5f))];
        Orthonormalize(weights);
        float[][] scores = Project(sample, weights);
        for (int i = 0; i < Iterations; i++)
        {
            for (int k = 0; k < count; k++)
                for (int channel = 0; channel < sample.Length; channel++)
                    weights[k][channel] = TensorPrimitives.Dot<float>(sample[channel], scores[k]);
            Orthonormalize(weights);
            scores = Project(sample, weights);
        }

        for (int k = 0; k < count; k++)
            FixSign(weights[k], scores[k]);
        // Of nearly equal components the iteration may not have found the larger one first.
        double[] shares = [.. scores.Select(s => TensorPrimitives.SumOfSquares<float>(s) / total)];
        int[] order = [.. Enumerable.Range(0, count).OrderByDescending(k => shares[k])];
        return new PrincipalComponents([.. order.Select(k => weights[k])], [.. order.Select(k => shares[k])], [.. order.Select(k => scores[k])]);
    }

    private static float[][] Project(float[][] sample, float[][] weights) => [.. weights.Select(own =>
    {
        float[] score = new float[sample[0].Length];
        for (int channel = 0; channel < sample.Length; channel++)
            TensorPrimitives.MultiplyAdd(sample[channel], own[channel], score, score);
        return score;
    })];

    // Gram and Schmidt. What vanishes has no direction left: fewer components than asked for.
    private static void Orthonormalize(float[][] vectors)
    {
        for (int k = 0; k < vectors.Length; k++)
        {
            for (int before = 0; before < k; before++)
                TensorPrimitives.MultiplyAdd(vectors[before], -TensorPrimitives.Dot<float>(vectors[before], vectors[k]), vectors[k], vectors[k]);
            float norm = TensorPrimitives.Norm<float>(vectors[k]);
            if (norm > 0 && float.IsFinite(norm))
                TensorPrimitives.Divide(vectors[k], norm, vectors[k]);
        }
    }

    // A component may point either way: the heaviest channel decides, so that pictures of one layer keep their colours.
    private static void FixSign(float[] weights, float[] scores)
    {
        if (weights.MaxBy(Math.Abs) >= 0)
            return;
        TensorPrimitives.Negate(weights, weights);
        TensorPrimitives.Negate(scores, scores);
    }
}
