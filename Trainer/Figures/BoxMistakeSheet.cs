using System.Globalization;
using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using OpenCvSharp;
using SkiaSharp;

namespace CnnOnnx.Trainer.Figures;

/// <summary>A picture and what a detector got wrong in it.</summary>
/// <param name="Path">The picture's file.</param>
/// <param name="Size">Its width and height.</param>
/// <param name="Boxes">What is right, wrong and missed.</param>
internal sealed record BoxMistakes(string Path, Size Size, PictureMatches Boxes);

/// <summary>Pictures with a detector's mistakes: missed things in green, wrong boxes in red, right ones thin and white.</summary>
internal static class BoxMistakeSheet
{
    /// <summary>Most pictures of a sheet.</summary>
    public const int MostPictures = 12;

    private const int Columns = 4, Tile = 300, Gap = 12, Caption = 22, Head = 34, FontSize = 13;

    private static readonly SKColor Missed = SKColor.Parse("#18a548"), Wrong = SKColor.Parse("#e02d2d"), Right = SKColors.White;

    /// <summary>The sheet as a PNG file's bytes.</summary>
    /// <param name="pictures">The worst first.</param>
    /// <param name="classes">Names of the classes; category 1 is the first.</param>
    public static byte[] Draw(IReadOnlyList<BoxMistakes> pictures, IReadOnlyList<string> classes)
    {
        int columns = Math.Min(Columns, pictures.Count);
        // rows are as high as their highest picture
        int[] heights = [.. pictures.Chunk(columns).Select(row => row.Max(p => (int)Math.Ceiling(p.Size.Height * Scale(p.Size))))];
        int width = Math.Max(Gap + (columns * (Tile + Gap)), 620);
        using SKSurface surface = SKSurface.Create(new SKImageInfo(width, Head + heights.Sum(h => h + Caption + Gap) + Gap));
        SKCanvas canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        using SKTypeface typeface = FigureFont.Open();
        using var font = new SKFont(typeface, FontSize);
        DrawHead(canvas, font);
        for (int i = 0; i < pictures.Count; i++)
        {
            int top = Head + heights[..(i / columns)].Sum(h => h + Caption + Gap);
            var place = SKRect.Create(Gap + (i % columns * (Tile + Gap)), top, Tile, heights[i / columns]);
            DrawPicture(canvas, pictures[i], classes, place, font);
        }

        using SKImage sheet = surface.Snapshot();
        using SKData png = sheet.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static float Scale(Size picture) => (float)Tile / Math.Max(picture.Width, picture.Height);

    private static void DrawHead(SKCanvas canvas, SKFont font)
    {
        float x = Gap;
        foreach ((string text, SKColor colour) in new[]
            { ("missed", Missed), ("nothing of this class here, or found twice", Wrong), ("right", Right) })
        {
            var box = SKRect.Create(x, 10, 18, 14);
            using var fill = new SKPaint { Color = colour == Right ? SKColors.Gray : colour, IsStroke = true, StrokeWidth = 2.5f };
            canvas.DrawRect(box, fill);
            using SKPaint ink = Ink();
            canvas.DrawText(text, x + 25, 22, font, ink);
            x += 25 + font.MeasureText(text) + 28;
        }
    }

    private static void DrawPicture(SKCanvas canvas, BoxMistakes picture, IReadOnlyList<string> classes, SKRect place, SKFont font)
    {
        using Mat read = PictureFile.Read(picture.Path);
        float scale = Scale(picture.Size);
        var shown = SKRect.Create(place.Left, place.Top, read.Width * scale, read.Height * scale);
        using (SKImage image = SKImage.FromEncodedData(PictureFile.Encode(read, ".png")))
            canvas.DrawImage(image, shown, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        canvas.Save();
        canvas.ClipRect(shown);
        foreach (ScoredBox box in picture.Boxes.Right)
            DrawBox(canvas, box.Box, Right, null, (shown, scale), font);
        foreach (TruthBox box in picture.Boxes.Missed)
            DrawBox(canvas, box.Box, Missed, classes[box.Category - 1], (shown, scale), font);
        foreach (ScoredBox box in picture.Boxes.Wrong.Reverse())
            DrawBox(canvas, box.Box, Wrong, string.Create(CultureInfo.InvariantCulture, $"{classes[box.Category - 1]} {box.Score:0.00}"),
                (shown, scale), font);
        canvas.Restore();
        using SKPaint ink = Ink();
        canvas.DrawText($"{System.IO.Path.GetFileName(picture.Path)}: {picture.Boxes.Missed.Length} missed, "
            + $"{picture.Boxes.Wrong.Length} wrong, {picture.Boxes.Right.Length} right", place.Left, shown.Bottom + 16, font, ink);
    }

    private static void DrawBox(SKCanvas canvas, Rect2d box, SKColor colour, string? name, (SKRect Place, float Scale) shown, SKFont font)
    {
        var rectangle = SKRect.Create(shown.Place.Left + ((float)box.X * shown.Scale), shown.Place.Top + ((float)box.Y * shown.Scale),
            (float)box.Width * shown.Scale, (float)box.Height * shown.Scale);
        using var line = new SKPaint { Color = colour, IsStroke = true, StrokeWidth = name is null ? 1.2f : 2.5f, IsAntialias = true };
        canvas.DrawRect(rectangle, line);
        if (name is null)
            return;
        float width = font.MeasureText(name) + 6, height = FontSize + 4;
        // what is missed is named below its box, what is wrong above: both often have the same place
        float top = colour == Missed ? rectangle.Bottom : rectangle.Top - height;
        top = Math.Clamp(top, shown.Place.Top, shown.Place.Bottom - height);
        float left = Math.Clamp(rectangle.Left, shown.Place.Left, Math.Max(shown.Place.Left, shown.Place.Right - width));
        using var ground = new SKPaint { Color = colour };
        using var ink = new SKPaint { Color = SKColors.White, IsAntialias = true };
        canvas.DrawRect(SKRect.Create(left, top, width, height), ground);
        canvas.DrawText(name, left + 3, top + FontSize, font, ink);
    }

    private static SKPaint Ink() => new() { Color = SKColor.Parse(FigureStyle.Ink.ToHex()), IsAntialias = true };
}
