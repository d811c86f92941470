using System.Runtime.InteropServices;
using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;
using SkiaSharp;

namespace CnnOnnx.Trainer.Figures;

/// <summary>Pictures with their boxes, as the network gets them: resized, in its channels.</summary>
internal static class BoxSampleSheet
{
    private const int Columns = 6, Rows = 4, TileSide = 200, Gap = 6, FontSize = 12;

    /// <summary>The first pictures, as a PNG file's bytes.</summary>
    public static byte[] Draw(BoxSource pictures) => Draw(pictures, index => pictures.Sample(index, null));

    /// <summary>The first pictures as the augmentation changes them, with the boxes that move along.</summary>
    /// <param name="pictures">Pictures with an augmentation.</param>
    /// <param name="seed">Seed of the changes.</param>
    public static byte[] DrawAugmented(BoxSource pictures, int seed) =>
        Draw(pictures, index => pictures.Sample(index, new Random(unchecked((seed * 31) + index))));

    private static byte[] Draw(BoxSource pictures, Func<int, BoxSample?> sample)
    {
        InputSpec spec = pictures.Spec;
        // small pictures are enlarged by whole factors, large ones are reduced
        float scale = (float)TileSide / Math.Max(spec.Height, spec.Width);
        scale = scale > 1 ? MathF.Floor(scale) : scale;
        int width = (int)Math.Round(spec.Width * scale), height = (int)Math.Round(spec.Height * scale);
        int count = Math.Min(Columns * Rows, pictures.Count), columns = Math.Min(Columns, count), rows = (count + columns - 1) / columns;
        using SKSurface surface = SKSurface.Create(
            new SKImageInfo(Gap + (columns * (width + Gap)), Gap + (rows * (height + Gap))));
        surface.Canvas.Clear(SKColors.White);
        using SKTypeface typeface = FigureFont.Open();
        using var font = new SKFont(typeface, FontSize);
        for (int i = 0; i < count; i++)
        {
            if (sample(i) is not { } made)
                continue;
            var place = SKRect.Create(Gap + (i % columns * (width + Gap)), Gap + (i / columns * (height + Gap)), width, height);
            using SKImage image = Tile(made.Pixels, spec);
            surface.Canvas.DrawImage(image, place, scale < 1
                ? new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear) : new SKSamplingOptions(SKFilterMode.Nearest));
            foreach (LabelledBox box in made.Boxes)
                DrawBox(surface.Canvas, box, pictures.Classes[box.Class], place, scale, font);
        }

        using SKImage sheet = surface.Snapshot();
        using SKData png = sheet.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static void DrawBox(SKCanvas canvas, LabelledBox box, string name, SKRect place, float scale, SKFont font)
    {
        OpenCvSharp.Scalar bgr = BoxOverlay.ColourOf(box.Class);
        var colour = new SKColor((byte)bgr.Val2, (byte)bgr.Val1, (byte)bgr.Val0);
        var rectangle = SKRect.Create(place.Left + (box.X * scale), place.Top + (box.Y * scale), box.Width * scale, box.Height * scale);
        using var line = new SKPaint { Color = colour, IsStroke = true, StrokeWidth = 2 };
        canvas.Save();
        canvas.ClipRect(place);
        canvas.DrawRect(rectangle, line);
        float width = font.MeasureText(name) + 6;
        var tag = SKRect.Create(Math.Min(rectangle.Left, place.Right - width), Math.Max(place.Top, rectangle.Top - FontSize - 3), width,
            FontSize + 3);
        using var ground = new SKPaint { Color = colour };
        using var ink = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        canvas.DrawRect(tag, ground);
        canvas.DrawText(name, tag.Left + 3, tag.Bottom - 4, font, ink);
        canvas.Restore();
    }

    // C·H·W bytes in the network's channel order to RGBA pixels
    private static SKImage Tile(ReadOnlySpan<byte> planes, InputSpec spec)
    {
        int area = spec.Height * spec.Width;
        int[] rgb = spec.Channels switch
        {
            ChannelOrder.Gray => [0, 0, 0],
            ChannelOrder.Bgr => [2, 1, 0],
            _ => [0, 1, 2],
        };
        byte[] pixels = new byte[area * 4];
        for (int i = 0; i < area; i++)
        {
            for (int channel = 0; channel < 3; channel++)
                pixels[(4 * i) + channel] = planes[(rgb[channel] * area) + i];
            pixels[(4 * i) + 3] = byte.MaxValue;
        }

        var info = new SKImageInfo(spec.Width, spec.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        return SKImage.FromPixelCopy(info, MemoryMarshal.AsBytes(pixels.AsSpan()));
    }
}
