using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OpenCvSharp;

namespace CnnOnnx.Statistics;

/// <summary>
/// The three directions in the space of a layer's channels along which its positions differ most: orthogonal iteration and, in
/// the space that it finds, Rayleigh and Ritz (Golub and Van Loan, Matrix Computations, 8.2.4 and 8.7.1). Never a C×C matrix, so
/// 2,048 channels cost little more than 64.
/// </summary>
/// <param name="Weights">A row of C weights for each component; the rows are orthonormal.</param>
/// <param name="Explained">Share of the variance that each component holds, the largest first.</param>
internal sealed record PrincipalComponents(float[][] Weights, double[] Explained)
{
    public const int Count = 3;

    // The space is found when it holds no more of the variance than before, up to a share that no picture shows.
    private const int Iterations = 12, Seed = 1901;
    private const double Converged = 1e-4;

    /// <summary>Finds the components; null when all positions are the same or some value is not finite.</summary>
    /// <param name="sample">Values at some positions, a row for each channel. Their means are taken off in place.</param>
    public static PrincipalComponents? Of(float[][] sample)
    {
        double total = 0;
        foreach (float[] row in sample)
        {
            FloatRows.Center(row);
            total += FloatRows.Dot(row, row);
        }

        if (!(total > 0) || !double.IsFinite(total))
            return null;
        var random = new Random(Seed);
        float[][] scores = [.. Enumerable.Range(0, Math.Min(Count, sample.Length))
            .Select(_ => Array.ConvertAll(sample[0], _ => random.NextSingle() - 0.5f))];
        Orthonormalize(scores);
        double held = double.NegativeInfinity;
        for (int i = 0; i < Iterations; i++)
        {
            float[][] next = Multiply(sample, scores);
            double now = scores.Zip(next, (before, after) => (double)FloatRows.Dot(before, after)).Sum();
            Orthonormalize(next);
            scores = next;
            if (now - held <= Converged * total)
                break;
            held = now;
        }

        return InSpaceOf(scores, sample, total);
    }

    // XᵀX times each vector, with each row of X read once.
    private static float[][] Multiply(float[][] sample, float[][] vectors)
    {
        float[][] products = Array.ConvertAll(vectors, vector => new float[vector.Length]);
        foreach (float[] row in sample)
            for (int k = 0; k < vectors.Length; k++)
                FloatRows.AddTimes(row, FloatRows.Dot(row, vectors[k]), products[k]);
        return products;
    }

    // The axes of the ellipsoid that the sample is in the space of these vectors.
    private static PrincipalComponents InSpaceOf(float[][] scores, float[][] sample, double total)
    {
        float[][] projected = [.. scores.Select(score => Array.ConvertAll(sample, row => FloatRows.Dot(row, score)))];
        int count = projected.Length;
        using var products = new Mat(count, count, MatType.CV_64FC1);
        for (int i = 0; i < count; i++)
            for (int j = 0; j < count; j++)
                products.Set(i, j, (double)FloatRows.Dot(projected[i], projected[j]));
        using var variances = new Mat();
        using var axes = new Mat();
        Cv2.Eigen(products, variances, axes);

        float[][] weights = [.. Enumerable.Range(0, count).Select(k =>
        {
            float[] own = new float[sample.Length];
            for (int j = 0; j < count; j++)
                FloatRows.AddTimes(projected[j], (float)axes.At<double>(k, j), own);
            return own;
        })];
        Orthonormalize(weights);
        foreach (float[] own in weights)
            FixSign(own);
        return new PrincipalComponents(weights, [.. Enumerable.Range(0, count).Select(k => Math.Max(0, variances.At<double>(k)) / total)]);
    }

    // Gram and Schmidt. What vanishes has no direction left: fewer components than asked for.
    private static void Orthonormalize(float[][] vectors)
    {
        for (int k = 0; k < vectors.Length; k++)
        {
            for (int before = 0; before < k; before++)
                FloatRows.AddTimes(vectors[before], -FloatRows.Dot(vectors[before], vectors[k]), vectors[k]);
            float norm = MathF.Sqrt(FloatRows.Dot(vectors[k], vectors[k]));
            if (norm > 0 && float.IsFinite(norm))
                TensorPrimitives.Divide(vectors[k], norm, vectors[k]);
        }
    }

    // A component may point either way: the heaviest channel decides, so that pictures of one layer keep their colours.
    private static void FixSign(float[] weights)
    {
        if (weights.MaxBy(Math.Abs) < 0)
            TensorPrimitives.Negate(weights, weights);
    }
}

/// <summary>
/// Linear algebra on rows of floats. TensorPrimitives has the same and is as fast once it is compiled; that takes 10 ms
/// more of a program that draws one picture, and its order of additions gives other last digits.
/// </summary>
internal static class FloatRows
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector<float>> left = MemoryMarshal.Cast<float, Vector<float>>(a);
        ReadOnlySpan<Vector<float>> right = MemoryMarshal.Cast<float, Vector<float>>(b[..a.Length]);
        Vector<float> even = Vector<float>.Zero, odd = Vector<float>.Zero;
        int i = 0;
        for (; i + 1 < left.Length; i += 2)
        {
            even += left[i] * right[i];
            odd += left[i + 1] * right[i + 1];
        }

        if (i < left.Length)
            even += left[i] * right[i];
        float sum = Vector.Sum(even + odd);
        for (int rest = left.Length * Vector<float>.Count; rest < a.Length; rest++)
            sum += a[rest] * b[rest];
        return sum;
    }

    /// <summary>Adds a row, so many times, to another one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddTimes(ReadOnlySpan<float> row, float factor, Span<float> sum)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        Span<Vector<float>> sums = MemoryMarshal.Cast<float, Vector<float>>(sum[..row.Length]);
        var wide = new Vector<float>(factor);
        for (int i = 0; i < vectors.Length; i++)
            sums[i] += vectors[i] * wide;
        for (int rest = vectors.Length * Vector<float>.Count; rest < row.Length; rest++)
            sum[rest] += row[rest] * factor;
    }

    /// <summary>Takes the mean of a row off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Center(Span<float> row)
    {
        // From the first value on: constants come out exact.
        float first = row[0], sum = 0;
        foreach (float value in row)
            sum += value - first;
        float mean = sum / row.Length;
        foreach (ref float value in row)
            value = value - first - mean;
    }
}
