using CnnOnnx.Detection;
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
        using var tiles = new PictureTiles(pictures.Spec, TileSide);
        (int width, int height) = (tiles.Width, tiles.Height);
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
            tiles.Draw(surface.Canvas, made.Pixels, place.Left, place.Top);
            foreach (LabelledBox box in made.Boxes)
                DrawBox(surface.Canvas, box, pictures.Classes[box.Class], place, (float)tiles.Scale, font);
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
}
