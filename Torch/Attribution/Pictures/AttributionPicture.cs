using OpenCvSharp;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Pictures of a map by itself, at its own size: signed, or the positive, negative or all of a gradient.</summary>
public static class AttributionPicture
{
    // Percentile at which the scale of a gradient ends: a few pixels are far larger than all others.
    private const double GradientPercentile = 99;

    /// <summary>Draws a map with a diverging colormap: blue for, white nothing, purple against; zero is always white.</summary>
    /// <param name="map">The map; its channels are added up.</param>
    /// <param name="percentile">Percentile of the sizes at which the scale ends; null for the largest, or 99.5 of large maps.</param>
    /// <returns>8UC3 of the map's size; the caller disposes it.</returns>
    public static Mat Signed(AttributionMap map, double? percentile = null)
    {
        var plane = MapPlane.Of(map);
        return Painted(plane, plane.Limit(percentile), AttributionColours.For, AttributionColours.Against, new Vec3b(255, 255, 255));
    }

    /// <summary>Draws a gradient as pictures of it usually are.</summary>
    /// <param name="map">Map of an input's values.</param>
    /// <param name="part">Which of its numbers are drawn.</param>
    /// <param name="colour">True for the input's own channels as colours, false for their sum as grey.</param>
    /// <param name="percentile">Percentile at which the scale ends, 0 to 100; what is beyond is as bright.</param>
    /// <returns>8UC3, or 8UC1 for grey, of the map's size; the caller disposes it.</returns>
    public static Mat Gradient(AttributionMap map, GradientPart part, bool colour = false, double percentile = GradientPercentile)
    {
        AttributionMap kept = map with { Values = Array.ConvertAll(map.Values, value => Part(value, part)) };
        if (!colour || map.Channels != 3)
        {
            // Signs of the channels of a pixel would cancel: sizes are added, as all tools do.
            var plane = MapPlane.Of(kept, sizes: true);
            return Grey(plane, MapPlane.Percentile([.. plane.Values.Where(float.IsFinite)], percentile) is > 0 and var limit
                ? limit : plane.Limit(100));
        }

        return part == GradientPart.All ? Centred(kept, percentile) : Bright(kept, percentile);
    }

    internal static unsafe Mat Painted(MapPlane plane, float limit, Vec3b positive, Vec3b negative, Vec3b background)
    {
        var picture = new Mat(plane.Height, plane.Width, MatType.CV_8UC3);
        for (int y = 0; y < plane.Height; y++)
        {
            var row = (Vec3b*)picture.Ptr(y);
            for (int x = 0; x < plane.Width; x++)
                row[x] = AttributionColours.Diverging(limit > 0 ? plane.Values[y * plane.Width + x] / limit : 0, positive, negative,
                    background);
        }

        return picture;
    }

    private static float Part(float value, GradientPart part) => part switch
    {
        GradientPart.Positive => Math.Max(0, value),
        GradientPart.Negative => Math.Max(0, -value),
        _ => value,
    };

    private static Mat Grey(MapPlane plane, float limit) => Pixels(plane.Height, plane.Width, 1,
        (pixel, _) => limit > 0 ? plane.Values[pixel] / limit : 0);

    // One scale for all channels, so that colours stay what they are.
    private static Mat Bright(AttributionMap map, double percentile)
    {
        float limit = MapPlane.Percentile([.. map.Values.Where(float.IsFinite)], percentile);
        limit = limit > 0 ? limit : map.Values.Where(float.IsFinite).DefaultIfEmpty(0).Max();
        return Coloured(map, value => limit > 0 ? value / limit : 0);
    }

    // Nothing is the grey in the middle.
    private static Mat Centred(AttributionMap map, double percentile)
    {
        float limit = MapPlane.Percentile([.. map.Values.Where(float.IsFinite).Select(Math.Abs)], percentile);
        return Coloured(map, value => limit > 0 ? 0.5f + 0.5f * value / limit : 0.5f);
    }

    // Channels are RGB by far the most often; a picture is BGR.
    private static Mat Coloured(AttributionMap map, Func<float, float> brightness)
    {
        int area = map.Height * map.Width;
        return Pixels(map.Height, map.Width, 3, (pixel, channel) => brightness(map.Values[(2 - channel) * area + pixel]));
    }

    private static unsafe Mat Pixels(int height, int width, int channels, Func<int, int, float> brightness)
    {
        var picture = new Mat(height, width, MatType.CV_8UC(channels));
        for (int y = 0; y < height; y++)
        {
            byte* row = (byte*)picture.Ptr(y);
            for (int x = 0; x < width; x++)
                for (int channel = 0; channel < channels; channel++)
                {
                    float value = brightness(y * width + x, channel);
                    row[x * channels + channel] = (byte)(255 * (float.IsNaN(value) ? 0 : Math.Clamp(value, 0, 1)) + 0.5f);
                }
        }

        return picture;
    }
}

/// <summary>Numbers of a gradient that a picture shows.</summary>
public enum GradientPart
{
    /// <summary>All, by size; in colour around a middle grey.</summary>
    All,

    /// <summary>Those that raise the target.</summary>
    Positive,

    /// <summary>Those that lower it.</summary>
    Negative,
}
