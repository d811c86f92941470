using OpenCvSharp;

namespace CnnOnnx.Imaging;

/// <summary>Makes pictures small enough for a report.</summary>
internal static class Thumbnail
{
    private const int LongestSide = 640;

    /// <summary>Shrinks a picture to at most 640 pixels a side; the caller disposes it.</summary>
    /// <param name="picture">Picture of any type.</param>
    public static Mat Of(Mat picture)
    {
        double scale = Math.Min(1, (double)LongestSide / Math.Max(picture.Width, picture.Height));
        var small = new Mat();
        var size = new Size(Math.Max(1, (int)(picture.Width * scale)), Math.Max(1, (int)(picture.Height * scale)));
        Cv2.Resize(picture, small, size, 0, 0, InterpolationFlags.Area);
        return small;
    }
}
