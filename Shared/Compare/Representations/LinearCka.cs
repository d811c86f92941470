using System.Numerics.Tensors;

namespace CnnOnnx.Compare;

/// <summary>
/// Linear centred kernel alignment of two representations of the same samples, without bias: 1 for representations that are equal up to
/// rotation and scale, about 0 for unrelated ones. Kornblith et al. 2019, https://arxiv.org/abs/1905.00414; the estimate without bias
/// and its mean over batches after Nguyen, Raghu and Kornblith 2021, https://arxiv.org/abs/2010.15327.
/// </summary>
internal static class LinearCka
{
    /// <summary>Fewest samples of a batch for which the estimate is defined.</summary>
    public const int FewestSamples = 4;

    /// <summary>Inner products of samples with each other, the diagonal zero.</summary>
    /// <param name="samples">One row of features a sample, all of one length.</param>
    /// <returns>n × n numbers, row by row.</returns>
    public static double[] Gram(IReadOnlyList<float[]> samples)
    {
        int n = samples.Count;
        double[] gram = new double[n * n];
        for (int i = 0; i < n; i++)
            for (int j = i + 1; j < n; j++)
                gram[i * n + j] = gram[j * n + i] = TensorPrimitives.Dot<float>(samples[i], samples[j]);
        return gram;
    }

    /// <summary>Hilbert–Schmidt independence criterion of two matrices with zero diagonals, without bias. Song et al. 2012.</summary>
    /// <param name="k">n × n numbers.</param>
    /// <param name="l">n × n numbers.</param>
    /// <param name="n">Number of samples, at least four.</param>
    public static double Hsic(ReadOnlySpan<double> k, ReadOnlySpan<double> l, int n)
    {
        double trace = 0, sumK = 0, sumL = 0, rows = 0;
        for (int i = 0; i < n; i++)
        {
            double rowK = 0, rowL = 0;
            for (int j = 0; j < n; j++)
            {
                trace += k[i * n + j] * l[i * n + j];
                rowK += k[i * n + j];
                rowL += l[i * n + j];
            }

            sumK += rowK;
            sumL += rowL;
            rows += rowK * rowL;
        }

        return (trace + sumK * sumL / ((n - 1.0) * (n - 2)) - 2 * rows / (n - 2)) / (n * (n - 3.0));
    }

    /// <summary>The alignment from sums of the criterion over batches; NaN where a representation does not vary.</summary>
    public static double Of(double both, double k, double l) => k <= 0 || l <= 0 ? double.NaN : both / Math.Sqrt(k * l);
}
