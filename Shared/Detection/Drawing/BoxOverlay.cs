using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Detection;

/// <summary>
/// Draws boxes with their names and scores on a picture. A class has the same colour in every picture; lines and letters grow with the
/// picture, so that they can be seen when it is shown smaller.
/// </summary>
public static class BoxOverlay
{
    // A line is 1 pixel thick for so many pixels of the picture's mean side, a letter's scale is 1 for so many.
    private const double SideOfALine = 360, SideOfALetter = 1500;

    private const double LeastLetter = 0.4, MostLetter = 3;

    // Steps of the golden angle are as far from all earlier hues as can be.
    private const double GoldenAngle = 137.50776405;

    /// <summary>Makes a copy of a picture with boxes on it: BGR of 8 bits. The caller disposes it.</summary>
    /// <param name="picture">Gray, BGR or BGRA, 8 or 16 bits or floating point; stays the caller's.</param>
    /// <param name="found">Boxes found in this picture, or in one of the same size.</param>
    /// <exception cref="ArgumentException">The boxes belong to a picture of another size.</exception>
    public static Mat Render(Mat picture, Detections found)
    {
        if (picture.Size() != found.Picture)
            throw new ArgumentException($"The boxes belong to a picture of {found.Picture.Width}x{found.Picture.Height}, "
                + $"got one of {picture.Width}x{picture.Height}.", nameof(picture));
        Mat drawn = ToBgr(picture);
        double side = Math.Sqrt((double)picture.Width * picture.Height);
        int line = Math.Max(1, (int)Math.Round(side / SideOfALine));
        // The best ones last, over the others.
        foreach (DetectedBox box in found.Boxes.Reverse())
            Cv2.Rectangle(drawn, Whole(box.Box), ColourOf(box.Class), line);
        foreach (BoxTag tag in BoxTag.Place(found, Math.Clamp(side / SideOfALetter, LeastLetter, MostLetter), line))
            Paint(drawn, tag);
        return drawn;
    }

    /// <summary>Colour of a class, as BGR: strong enough for black or white letters on it.</summary>
    /// <param name="index">Index of the class, from 0.</param>
    public static Scalar ColourOf(int index)
    {
        // Hues close together in yellow and green are told apart by brightness.
        double hue = index * GoldenAngle % 360, value = index % 2 == 0 ? 255 : 205;
        double sector = hue / 60, fade = value * (1 - 0.85 * Math.Abs(sector % 2 - 1)), low = value * 0.15;
        (double red, double green, double blue) = (int)sector switch
        {
            0 => (value, fade, low),
            1 => (fade, value, low),
            2 => (low, value, fade),
            3 => (low, fade, value),
            4 => (fade, low, value),
            _ => (value, low, fade),
        };
        return new Scalar(Math.Round(blue), Math.Round(green), Math.Round(red));
    }

    /// <summary>The whole pixels of a box; its edges are the first inside.</summary>
    internal static Rect Whole(Rect2d box)
    {
        int left = (int)Math.Round(box.Left), top = (int)Math.Round(box.Top);
        return new Rect(left, top, Math.Max(1, (int)Math.Round(box.Right) - left), Math.Max(1, (int)Math.Round(box.Bottom) - top));
    }

    private static void Paint(Mat drawn, BoxTag tag)
    {
        Scalar colour = ColourOf(tag.Class);
        Cv2.Rectangle(drawn, tag.Area, colour, -1);
        // Luminance of the ITU: whichever of black and white stands out.
        double luminance = 0.114 * colour.Val0 + 0.587 * colour.Val1 + 0.299 * colour.Val2;
        Cv2.PutText(drawn, tag.Text, tag.BaseLine, BoxTag.Font, tag.Scale, luminance > 125 ? Scalar.Black : Scalar.White, tag.Stroke,
            LineTypes.AntiAlias);
    }

    private static Mat ToBgr(Mat picture)
    {
        using var bytes = new Mat();
        picture.ConvertTo(bytes, MatType.CV_8U, byte.MaxValue / PixelDepth.WhiteOf(picture));
        var bgr = new Mat();
        switch (bytes.Channels())
        {
            case 1:
                Cv2.CvtColor(bytes, bgr, ColorConversionCodes.GRAY2BGR);
                break;
            case 4:
                Cv2.CvtColor(bytes, bgr, ColorConversionCodes.BGRA2BGR);
                break;
            default:
                bytes.CopyTo(bgr);
                break;
        }

        return bgr;
    }
}
