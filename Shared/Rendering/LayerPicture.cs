using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>All channels of a layer in one picture: its three principal components as red, green and blue.</summary>
internal static class LayerPicture
{
    private const int MostSampled = 512, MaxSide = 256;

    // Of a component's scores these become black and full colour: single outliers do not darken the rest.
    private const double Low = 2, High = 98;

    // A component is not stretched to more than so many times what the first one is: it would be noise in full colour.
    private const float MostStretched = 4;

    /// <summary>
    /// BGR, a pixel for each position (fewer when there are more than 256 a side), with the shares of variance of the three
    /// components; the caller disposes it. Null where there is nothing to sum up: a vector, a single channel, a constant or NaN.
    /// </summary>
    /// <param name="values">All values of the tensor.</param>
    /// <param name="shape">Axes of the tensor, read as <see cref="FeatureMaps"/> reads them.</param>
    /// <param name="sample">Index in the batch, from 0.</param>
    /// <param name="layout">Axis of the channels.</param>
    public static (Mat Picture, double[] Explained)? Draw(
        ReadOnlySpan<float> values, TensorShape shape, int sample, ChannelLayout layout = ChannelLayout.First)
    {
        var maps = FeatureMaps.Of(values, shape, sample, layout);
        if (maps.Count < 2 || maps.Area < 2)
            return null;
        ReadOnlySpan<float> own = maps.Planes(values);
        if (PrincipalComponents.Of(Sample(own, maps)) is not { } components)
            return null;

        int step = (Math.Max(maps.Width, maps.Height) - 1) / MaxSide + 1;
        var size = new Size((maps.Width - 1) / step + 1, (maps.Height - 1) / step + 1);
        float[] thin = new float[size.Width * size.Height];
        float[][] planes = [.. components.Weights.Select(_ => new float[thin.Length])];
        for (int channel = 0; channel < maps.Count; channel++)
        {
            ReadOnlySpan<float> map = own.Slice(channel * maps.Area, maps.Area);
            ReadOnlySpan<float> drawn = step == 1 ? map : Thin(map, maps.Width, step, size, thin);
            for (int k = 0; k < planes.Length; k++)
                FloatRows.AddTimes(drawn, components.Weights[k][channel], planes[k]);
        }

        return (Paint(planes, size), components.Explained);
    }

    private static float[][] Sample(ReadOnlySpan<float> maps, FeatureMaps facts)
    {
        // A step that shares no factor with the width would be ideal; an odd one is near enough to visit all columns.
        int step = facts.Area <= MostSampled ? 1 : (facts.Area / MostSampled) | 1;
        float[][] sample = new float[facts.Count][];
        for (int channel = 0; channel < sample.Length; channel++)
        {
            ReadOnlySpan<float> map = maps.Slice(channel * facts.Area, facts.Area);
            float[] row = new float[(facts.Area - 1) / step + 1];
            for (int i = 0; i < row.Length; i++)
                row[i] = map[i * step];
            sample[channel] = row;
        }

        return sample;
    }

    private static float[] Thin(ReadOnlySpan<float> map, int width, int step, Size size, float[] thin)
    {
        for (int y = 0; y < size.Height; y++)
            for (int x = 0; x < size.Width; x++)
                thin[y * size.Width + x] = map[y * step * width + x * step];
        return thin;
    }

    private static Mat Paint(float[][] planes, Size size)
    {
        var picture = new Mat(size, MatType.CV_8UC3, Scalar.All(128));
        Span<byte> pixels = picture.AsSpan<byte>();
        float widest = 0;
        for (int k = 0; k < planes.Length; k++)
        {
            (float low, float high) = RangeOf(planes[k]);
            widest = Math.Max(widest, high - low);
            float middle = low + (high - low) / 2, factor = 255 / Math.Max(high - low, widest / MostStretched);
            // The first component is red, the last of three bytes in BGR.
            if (float.IsFinite(factor))
                for (int i = 0; i < planes[k].Length; i++)
                    pixels[3 * i + 2 - k] = (byte)Math.Clamp((planes[k][i] - middle) * factor + 127.5f, 0, 255);
        }

        return picture;
    }

    private static (float Low, float High) RangeOf(float[] plane)
    {
        double[] ends = Distribution.PercentilesOf(plane, Low, High);
        return ((float)ends[0], (float)ends[1]);
    }
}
