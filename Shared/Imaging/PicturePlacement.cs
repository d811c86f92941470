using OpenCvSharp;

namespace CnnOnnx.Imaging;

/// <summary>
/// Part of a picture, and the part of a network's input that it goes to. What lies outside <see cref="Source"/> is cut off, what
/// lies outside <see cref="Target"/> is filled.
/// </summary>
/// <param name="Source">Rectangle in pixels of the picture; never empty.</param>
/// <param name="Target">Rectangle in pixels of the input; never empty.</param>
internal readonly record struct PicturePlacement(Rect Source, Rect Target)
{
    /// <summary>
    /// The picture is cut before it is scaled, not after, so that a long thin one does not grow out of memory on the way;
    /// the cut is on whole pixels.
    /// </summary>
    public static PicturePlacement Of(Size picture, InputSpec spec)
    {
        var input = new Size(spec.Width, spec.Height);
        return spec.Resize switch
        {
            ResizeMode.Crop => new(Inside(picture, input), new Rect(default, input)),
            ResizeMode.Letterbox => new(new Rect(default, picture), Inside(input, picture)),
            ResizeMode.LetterboxTopLeft => new(new Rect(default, picture), InCorner(input, picture)),
            _ => new(new Rect(default, picture), new Rect(default, input)),
        };
    }

    // YOLOX cuts off what is left of a pixel.
    private static Rect InCorner(Size frame, Size picture)
    {
        double scale = Math.Min((double)frame.Width / picture.Width, (double)frame.Height / picture.Height);
        return new Rect(0, 0, Math.Max(1, (int)(picture.Width * scale)), Math.Max(1, (int)(picture.Height * scale)));
    }

    // The largest rectangle of the given aspect ratio within a frame, in its middle; half pixels go to the right and below.
    private static Rect Inside(Size frame, Size aspect)
    {
        double scale = Math.Min((double)frame.Width / aspect.Width, (double)frame.Height / aspect.Height);
        int width = Math.Clamp((int)Math.Round(aspect.Width * scale), 1, frame.Width);
        int height = Math.Clamp((int)Math.Round(aspect.Height * scale), 1, frame.Height);
        return new Rect((frame.Width - width) / 2, (frame.Height - height) / 2, width, height);
    }
}
