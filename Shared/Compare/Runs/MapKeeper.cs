using System.Numerics.Tensors;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>Takes from a pair of tensors what shows how they differ: few channels, few points, small maps.</summary>
internal static class MapKeeper
{
    private const int Bins = 48;

    /// <summary>Makes maps of a pair.</summary>
    /// <param name="pair">Names of the tensors.</param>
    /// <param name="a">Values of the first.</param>
    /// <param name="b">Values of the second, in the order of the first.</param>
    /// <param name="shape">Shape of the first.</param>
    /// <param name="isChannelsLast">True for [N, H, W, C].</param>
    /// <param name="allowed">Difference of an element that is allowed.</param>
    /// <param name="isWhole">True for the pair that a comparison is about; of the others fewer channels and points are kept.</param>
    public static PairMaps Of(TensorPair pair, ReadOnlySpan<float> a, ReadOnlySpan<float> b, TensorShape shape, bool isChannelsLast,
        double allowed, bool isWhole)
    {
        (int mostTiles, int mostPoints, int side) = isWhole ? (12, 1500, 128) : (8, 200, 64);
        (int channels, int height, int width) = Sizes(shape, isChannelsLast);
        int area = height * width;
        float[] left = new float[area], right = new float[area], off = new float[area];
        var errors = new double[channels];
        var norms = new double[channels];
        int differing = 0;
        for (int c = 0; c < channels; c++)
        {
            Take(a, c, channels, isChannelsLast, left);
            Take(b, c, channels, isChannelsLast, right);
            TensorPrimitives.Subtract(right, left, off);
            errors[c] = Finite(TensorPrimitives.Norm<float>(off));
            norms[c] = Finite(TensorPrimitives.Norm<float>(left));
            differing += Array.Exists(off, value => !(MathF.Abs(value) <= allowed)) ? 1 : 0;
        }

        int[] worst = [.. Enumerable.Range(0, channels).OrderByDescending(c => errors[c]).ThenBy(c => c).Take(mostTiles)];
        List<MapPair> tiles = [];
        foreach (int c in worst)
        {
            Take(a, c, channels, isChannelsLast, left);
            Take(b, c, channels, isChannelsLast, right);
            (float[] smallA, int rows, int columns) = Smaller(left, height, width, side);
            tiles.Add(new MapPair(c, rows, columns, smallA, Smaller(right, height, width, side).Values,
                errors[c] == 0 ? 0 : norms[c] == 0 ? double.PositiveInfinity : errors[c] / norms[c]));
        }

        Take(a, worst[0], channels, isChannelsLast, left);
        Take(b, worst[0], channels, isChannelsLast, right);
        TensorPrimitives.Subtract(right, left, off);
        float most = off.Where(float.IsFinite).Select(MathF.Abs).DefaultIfEmpty(0).Max();
        return new PairMaps
        {
            Pair = pair,
            Channels = channels,
            Height = height,
            Width = width,
            Differing = differing,
            Worst = tiles,
            Differences = Histogram.Of(off, -most, most, Bins),
            Points = [.. Enumerable.Range(0, Math.Min(area, mostPoints)).Select(i => (int)((long)i * area / Math.Min(area, mostPoints)))
                .Select(i => (left[i], right[i]))],
            Fit = FitOf(left, right),
        };
    }

    // The first sample; what is no stack of maps is one map.
    private static (int Channels, int Height, int Width) Sizes(TensorShape shape, bool isChannelsLast) => shape.Dims switch
    {
        [_, var c, var h, var w] when !isChannelsLast => ((int)c, (int)h, (int)w),
        [_, var h, var w, var c] => ((int)c, (int)h, (int)w),
        [_, var rows, var columns] => (1, (int)rows, (int)columns),
        [_, var c] => ((int)c, 1, 1),
        _ => ((int)shape.Count, 1, 1),
    };

    private static void Take(ReadOnlySpan<float> values, int channel, int channels, bool isChannelsLast, Span<float> map)
    {
        if (!isChannelsLast)
        {
            values.Slice(channel * map.Length, map.Length).CopyTo(map);
            return;
        }

        for (int i = 0; i < map.Length; i++)
            map[i] = values[i * channels + channel];
    }

    // Means over neighbouring places, so that nothing is left out.
    private static (float[] Values, int Rows, int Columns) Smaller(float[] map, int height, int width, int side)
    {
        int rows = Math.Min(height, side), columns = Math.Min(width, side);
        if (rows == height && columns == width)
            return ([.. map], rows, columns);
        float[] small = new float[rows * columns];
        int[] counts = new int[small.Length];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                int place = y * rows / height * columns + x * columns / width;
                small[place] += map[y * width + x];
                counts[place]++;
            }

        for (int i = 0; i < small.Length; i++)
            small[i] /= counts[i];
        return (small, rows, columns);
    }

    private static LinearFit FitOf(float[] a, float[] b)
    {
        double meanA = a.Average(x => (double)x), meanB = b.Average(x => (double)x), covariance = 0, varianceA = 0, varianceB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            covariance += (a[i] - meanA) * (b[i] - meanB);
            varianceA += (a[i] - meanA) * (a[i] - meanA);
            varianceB += (b[i] - meanB) * (b[i] - meanB);
        }

        double slope = varianceA == 0 ? double.NaN : covariance / varianceA;
        return new LinearFit(slope, meanB - slope * meanA,
            varianceA == 0 || varianceB == 0 ? 0 : covariance * covariance / varianceA / varianceB);
    }

    private static double Finite(float norm) => float.IsFinite(norm) ? norm : double.MaxValue;
}
