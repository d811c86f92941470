using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Lays maps over the picture that was explained, at the picture's own size: crop and letterbox are undone, what the network did not
/// see stays dim.
/// </summary>
public static class AttributionOverlay
{
    // Sides of the maps of pixel methods: their single pixels say nothing.
    private const int PixelMethodSide = 56;

    // Brightness of what the network did not see, and of the picture behind a map.
    private const double Unseen = 0.45, Behind = 0.92;

    /// <summary>How a map comes to the size of a picture, in words, for whoever wants to do it again.</summary>
    public const string ResizeRule = "bilinear, centres of pixels on centres of pixels, edges repeated";

    /// <summary>Lays a map over its picture.</summary>
    /// <param name="map">Map of a layer or of the input.</param>
    /// <param name="picture">The picture that was explained, grey, BGR or BGRA of 8 bits.</param>
    /// <param name="spec">How the picture became the input; gives the input's size and what was cut.</param>
    /// <param name="options">Colours, sign and strength.</param>
    /// <returns>8UC3 of the picture's size; the caller disposes it.</returns>
    public static Mat Render(AttributionMap map, Mat picture, InputSpec spec, OverlayOptions? options = null)
    {
        options ??= new OverlayOptions();
        PicturePlacement placement = PicturePlacement.Of(picture.Size(), spec);
        options = options with { Sign = options.Sign ?? SignOf(map) };
        MapPlane plane = PlaneOf(map, options.Sign.Value);
        float limit = plane.Limit(options.Percentile);
        using Mat strength = Project(plane, placement, spec.Size, picture.Size());
        using Mat grey = Backdrop(picture, options.KeepsColour);
        return Blend(grey, strength, limit > 0 ? limit : 1, SeenPart(placement, spec.Size), options);
    }

    /// <summary>Brings a map to the size of a picture, without changing its numbers but by interpolation.</summary>
    /// <param name="map">Map of a layer or of the input; its channels are added up.</param>
    /// <param name="picture">Width and height of the picture in pixels.</param>
    /// <param name="spec">How the picture became the input.</param>
    /// <returns>32FC1 of the picture's size; edges of what the network saw are repeated outside. The caller disposes it.</returns>
    public static Mat Project(AttributionMap map, Size picture, InputSpec spec) =>
        Project(MapPlane.Of(map), PicturePlacement.Of(picture, spec), spec.Size, picture);

    /// <summary>Numbers that are drawn: pixel methods are summed over small squares, and signs that are not wanted become 0.</summary>
    internal static MapPlane PlaneOf(AttributionMap map, AttributionSign sign)
    {
        MapPlane plane = MapPlane.Of(map).Summed(IsOfPixels(map) ? Math.Max(1, map.Width / PixelMethodSide) : 1);
        return sign switch
        {
            AttributionSign.Positive => plane.With(value => Math.Max(0, value)),
            AttributionSign.Negative => plane.With(value => Math.Min(0, value)),
            _ => plane,
        };
    }

    /// <summary>The sign that the method's paper shows.</summary>
    internal static AttributionSign SignOf(AttributionMap map) => map.ShownPositive ? AttributionSign.Positive : AttributionSign.Both;

    /// <summary>True for maps of single pixels, which are summed before they are drawn.</summary>
    internal static bool IsOfPixels(AttributionMap map) => map.Channels > 1 || map.Width > 2 * PixelMethodSide;

    /// <summary>The part of a picture that the network sees, in whole pixels of the picture.</summary>
    /// <param name="placement">The picture in the input.</param>
    /// <param name="input">Width and height of the input.</param>
    internal static Rect SeenPart(PicturePlacement placement, Size input)
    {
        (Rect source, Rect target) = (placement.Source, placement.Target);
        Rect inside = target.Intersect(new Rect(default, input));
        double scaleX = (double)source.Width / target.Width, scaleY = (double)source.Height / target.Height;
        int left = (int)Math.Round(source.X + (inside.X - target.X) * scaleX);
        int top = (int)Math.Round(source.Y + (inside.Y - target.Y) * scaleY);
        int right = (int)Math.Round(source.X + (inside.Right - target.X) * scaleX);
        int bottom = (int)Math.Round(source.Y + (inside.Bottom - target.Y) * scaleY);
        return new Rect(left, top, Math.Max(1, right - left), Math.Max(1, bottom - top));
    }

    internal static unsafe Mat Project(MapPlane plane, PicturePlacement placement, Size input, Size picture)
    {
        (Rect source, Rect target) = (placement.Source, placement.Target);
        double scaleX = (double)target.Width / source.Width * plane.Width / input.Width;
        double scaleY = (double)target.Height / source.Height * plane.Height / input.Height;
        double shiftX = target.X * (double)plane.Width / input.Width + (0.5 - source.X) * scaleX - 0.5;
        double shiftY = target.Y * (double)plane.Height / input.Height + (0.5 - source.Y) * scaleY - 0.5;
        using Mat matrix = Mat.FromArray(new double[,] { { scaleX, 0, shiftX }, { 0, scaleY, shiftY } });
        var projected = new Mat();
        fixed (float* values = plane.Values)
        {
            using Mat own = Mat.FromPixelData(plane.Height, plane.Width, MatType.CV_32FC1, (IntPtr)values);
            Cv2.WarpAffine(own, projected, matrix, picture, InterpolationFlags.Linear | InterpolationFlags.WarpInverseMap,
                BorderTypes.Replicate);
        }

        return projected;
    }

    private static Mat Backdrop(Mat picture, bool keepsColour)
    {
        using Mat grey = new();
        if (picture.Channels() == 1)
            picture.CopyTo(grey);
        else
            Cv2.CvtColor(picture, grey, picture.Channels() == 4 ? ColorConversionCodes.BGRA2GRAY : ColorConversionCodes.BGR2GRAY);
        using Mat small = new();
        grey.ConvertTo(small, MatType.CV_8UC1, PixelDepth.WhiteOf(picture) == 255 ? 1 : 255 / PixelDepth.WhiteOf(picture));
        var backdrop = new Mat();
        if (!keepsColour || picture.Channels() == 1)
            Cv2.CvtColor(small, backdrop, ColorConversionCodes.GRAY2BGR);
        else if (picture.Channels() == 4)
            Cv2.CvtColor(picture, backdrop, ColorConversionCodes.BGRA2BGR);
        else
            picture.CopyTo(backdrop);
        if (backdrop.Depth() != MatType.CV_8U)
            backdrop.ConvertTo(backdrop, MatType.CV_8UC3, 255 / PixelDepth.WhiteOf(picture));
        return backdrop;
    }

    private static unsafe Mat Blend(Mat backdrop, Mat strength, float limit, Rect seen, OverlayOptions options)
    {
        var blended = new Mat(backdrop.Size(), MatType.CV_8UC3);
        byte[]? colours = options.Colormap is { } colormap ? ColoursOf(colormap) : null;
        float most = (float)Math.Clamp(options.Opacity, 0, 1);
        (int rows, int columns) = (backdrop.Rows, backdrop.Cols);
        for (int y = 0; y < rows; y++)
        {
            var from = (Vec3b*)backdrop.Ptr(y);
            float* values = (float*)strength.Ptr(y);
            var to = (Vec3b*)blended.Ptr(y);
            for (int x = 0; x < columns; x++)
            {
                if (!seen.Contains(x, y))
                {
                    to[x] = AttributionColours.Mix(default, from[x], (float)Unseen);
                    continue;
                }

                float value = values[x] / limit, size = Math.Clamp(Math.Abs(value), 0, 1);
                size = float.IsNaN(size) ? 0 : size;
                if (colours is not null)
                {
                    int place = (int)(255 * (options.Sign == AttributionSign.Both ? 0.5f + 0.5f * Math.Clamp(value, -1, 1) : size)) * 3;
                    var colour = new Vec3b(colours[place], colours[place + 1], colours[place + 2]);
                    to[x] = AttributionColours.Mix(from[x], colour, most * (0.35f + 0.65f * size));
                    continue;
                }

                Vec3b dimmed = AttributionColours.Mix(new Vec3b(255, 255, 255), from[x], (float)Behind);
                to[x] = AttributionColours.Mix(dimmed, value < 0 ? options.Against : options.For, most * size);
            }
        }

        return blended;
    }

    private static byte[] ColoursOf(ColormapTypes colormap)
    {
        using var ramp = new Mat(1, 256, MatType.CV_8UC1);
        for (int i = 0; i < 256; i++)
            ramp.Set(0, i, (byte)i);
        using var colours = new Mat();
        Cv2.ApplyColorMap(ramp, colours, colormap);
        colours.GetArray(out Vec3b[] pixels);
        return [.. pixels.SelectMany(pixel => new[] { pixel.Item0, pixel.Item1, pixel.Item2 })];
    }
}
