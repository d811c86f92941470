using System.Buffers;

namespace CnnOnnx.Statistics;

/// <summary>Exact percentiles by selection: about linear in the number of values, without sorting them.</summary>
internal static class Percentiles
{
    /// <summary>
    /// The values below which the given percentages (0 to 100) of the finite values lie, with linear interpolation between
    /// neighbours as NumPy's default does; NaN when nothing is finite.
    /// </summary>
    public static double[] Of(ReadOnlySpan<float> values, params ReadOnlySpan<double> percentages)
    {
        foreach (double percentage in percentages)
            if (percentage is not (>= 0 and <= 100))
                throw new ArgumentOutOfRangeException(nameof(percentages), percentage, "A percentage is 0 to 100.");

        double[] results = new double[percentages.Length];
        float[] rented = ArrayPool<float>.Shared.Rent(values.Length);
        try
        {
            Span<float> finite = rented.AsSpan(0, CopyFinite(values, rented));
            if (finite.IsEmpty)
            {
                Array.Fill(results, double.NaN);
                return results;
            }

            for (int i = 0; i < results.Length; i++)
            {
                var position = PercentilePosition.Of(percentages[i], finite.Length);
                float below = Select(finite, position.Rank);
                // What is behind a selected value is not smaller.
                results[i] = position.Between(below, Select(finite[position.Rank..], position.Next - position.Rank));
            }

            return results;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    private static int CopyFinite(ReadOnlySpan<float> values, Span<float> finite)
    {
        int count = 0;
        foreach (float value in values)
            if (float.IsFinite(value))
                finite[count++] = value;
        return count;
    }

    /// <summary>
    /// Hoare's quickselect: afterwards the value of this rank is in its place, smaller or equal ones before it, larger or
    /// equal after it. No value is NaN.
    /// </summary>
    public static float Select(Span<float> values, int rank)
    {
        int first = 0, last = values.Length - 1;
        while (first < last)
        {
            float pivot = Median(values[first], values[first + (last - first) / 2], values[last]);
            int left = first, right = last;
            while (left <= right)
            {
                while (values[left] < pivot)
                    left++;
                while (values[right] > pivot)
                    right--;
                if (left <= right)
                {
                    (values[left], values[right]) = (values[right], values[left]);
                    left++;
                    right--;
                }
            }

            if (rank <= right)
                last = right;
            else if (rank >= left)
                first = left;
            else
                break;
        }

        return values[rank];
    }

    private static float Median(float a, float b, float c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
