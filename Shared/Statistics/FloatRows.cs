using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnOnnx.Statistics;

/// <summary>
/// What linear algebra does with rows of floats. The framework has the same; its code is compiled in steps while it runs, and a
/// program that draws one picture is at its end before the last of them.
/// </summary>
internal static class FloatRows
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector<float>> left = MemoryMarshal.Cast<float, Vector<float>>(a), right = MemoryMarshal.Cast<float, Vector<float>>(b[..a.Length]);
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

    /// <summary>Takes the mean off.</summary>
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
