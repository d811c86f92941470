using OpenCvSharp;

namespace CnnOnnx.Compare;

/// <summary>Pictures that were compared, small enough for a page.</summary>
internal static class InputPicture
{
    /// <summary>Encodes a picture as JPEG.</summary>
    /// <param name="picture">Gray, BGR or BGRA of 8 or 16 bits; stays the caller's.</param>
    /// <param name="side">Most pixels of width and height.</param>
    public static byte[] Jpeg(Mat picture, int side)
    {
        double scale = Math.Min(1, (double)side / Math.Max(picture.Width, picture.Height));
        using var small = new Mat();
        Cv2.Resize(picture, small, new Size(), scale, scale, InterpolationFlags.Area);
        using var bytes = new Mat();
        small.ConvertTo(bytes, MatType.CV_8UC(small.Channels()), picture.Depth() == MatType.CV_16U ? 1 / 257.0 : 1);
        Cv2.ImEncode(".jpg", bytes, out byte[] jpeg, new ImageEncodingParam(ImwriteFlags.JpegQuality, 85));
        return jpeg;
    }
}
