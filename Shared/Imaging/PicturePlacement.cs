using OpenCvSharp;

namespace CnnOnnx.Imaging;

/// <summary>
/// Part of a picture, and the place in a network's input that it is scaled to. The place of a picture that is cropped reaches beyond
/// the input: what lies outside is cut off. What of the input lies outside the place is filled.
/// <code>
///   Crop of 4:3              Letterbox of 4:3
///  ┌──┬─────┬──┐ Target      ┌─────┐ input
///  │  │input│  │             ├─────┤
///  │  │     │  │             │     │ Target
///  └──┴─────┴──┘             ├─────┤
///                            └─────┘
/// </code>
/// </summary>
/// <param name="Source">Rectangle in pixels of the picture; never empty.</param>
/// <param name="Target">Rectangle in pixels of the input; never empty.</param>
internal readonly record struct PicturePlacement(Rect Source, Rect Target)
{
    // A picture that is so many times longer than the input is cut before it is scaled: a thread would grow out of memory on the way.
    private const int MostCovered = 8;

    /// <summary>Places a picture in the input that a description asks for.</summary>
    /// <param name="picture">Size of the picture in pixels.</param>
    /// <param name="spec">Size of the input, and way of resizing.</param>
    public static PicturePlacement Of(Size picture, InputSpec spec)
    {
        var input = new Size(spec.Width, spec.Height);
        return spec.Resize switch
        {
            ResizeMode.Crop => Cropped(picture, input, spec.Covered),
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

    /// <summary>The point of the picture that is seen at a point of the input; half a pixel is the middle of the first.</summary>
    /// <param name="input">Column and row in the input, from its corner.</param>
    public Point2d ToPicture(Point2d input) => new(
        Source.X + (input.X - Target.X) * Source.Width / Target.Width,
        Source.Y + (input.Y - Target.Y) * Source.Height / Target.Height);

    /// <summary>The point of the input at which a point of the picture is seen.</summary>
    /// <param name="picture">Column and row in the picture, from its corner.</param>
    public Point2d ToInput(Point2d picture) => new(
        Target.X + (picture.X - Source.X) * Target.Width / Source.Width,
        Target.Y + (picture.Y - Source.Y) * Target.Height / Source.Height);

    // As torchvision's Resize and CenterCrop: the side that needs more scaling gets its size exactly, the other is rounded down, and
    // the middle begins at a whole pixel, half ones rounded to even.
    private static PicturePlacement Cropped(Size picture, Size input, Size covered)
    {
        Rect source = new(default, picture);
        bool byWidth = (long)covered.Width * picture.Height >= (long)covered.Height * picture.Width;
        Size scaled = byWidth
            ? new Size(covered.Width, Scaled(source.Height, covered.Width, source.Width, MostCovered * covered.Height))
            : new Size(Scaled(source.Width, covered.Height, source.Height, MostCovered * covered.Width), covered.Height);
        if (byWidth && scaled.Height == MostCovered * covered.Height)
            source = Middle(source, new Size(source.Width, Part(source.Height, scaled.Height, source.Width, covered.Width)));
        else if (!byWidth && scaled.Width == MostCovered * covered.Width)
            source = Middle(source, new Size(Part(source.Width, scaled.Width, source.Height, covered.Height), source.Height));
        return new(source, new Rect(-Margin(scaled.Width - input.Width), -Margin(scaled.Height - input.Height), scaled.Width,
            scaled.Height));
    }

    private static int Scaled(int side, int target, int other, int most) => (int)Math.Min(most, (long)side * target / other);

    private static int Part(int side, int scaled, int other, int target) =>
        (int)Math.Clamp((long)scaled * other / target, 1, side);

    private static Rect Middle(Rect whole, Size part) =>
        new((whole.Width - part.Width) / 2, (whole.Height - part.Height) / 2, part.Width, part.Height);

    private static int Margin(int tooMuch) => (int)Math.Round(tooMuch / 2.0, MidpointRounding.ToEven);

    // The largest rectangle of the given aspect ratio within a frame, in its middle; half pixels go to the right and below.
    private static Rect Inside(Size frame, Size aspect)
    {
        double scale = Math.Min((double)frame.Width / aspect.Width, (double)frame.Height / aspect.Height);
        int width = Math.Clamp((int)Math.Round(aspect.Width * scale), 1, frame.Width);
        int height = Math.Clamp((int)Math.Round(aspect.Height * scale), 1, frame.Height);
        return new Rect((frame.Width - width) / 2, (frame.Height - height) / 2, width, height);
    }
}
