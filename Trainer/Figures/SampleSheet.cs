using System.Runtime.InteropServices;
using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;
using SkiaSharp;

namespace CnnOnnx.Trainer.Figures;

/// <summary>The first pictures of every class in rows, as the network gets them: resized, in its channels.</summary>
internal static class SampleSheet
{
    private const int PerClass = 10, MostClasses = 40, TileSide = 84, Gap = 6, LabelWidth = 150, FontSize = 15;

    /// <summary>The sheet as a PNG file's bytes.</summary>
    public static byte[] Draw(BatchSource pictures)
    {
        int classes = Math.Min(MostClasses, pictures.Classes.Count);
        InputSpec spec = pictures.Spec;
        // small pictures are enlarged by whole factors, large ones are reduced
        double scale = (double)TileSide / Math.Max(spec.Height, spec.Width);
        scale = scale > 1 ? Math.Floor(scale) : scale;
        int width = (int)Math.Round(spec.Width * scale), height = (int)Math.Round(spec.Height * scale);
        using SKSurface surface = SKSurface.Create(
            new SKImageInfo(LabelWidth + (PerClass * (width + Gap)) + Gap, (classes * (height + Gap)) + Gap));
        surface.Canvas.Clear(SKColors.White);
        using var typeface = SKTypeface.FromFamilyName(FigureStyle.Font);
        using var font = new SKFont(typeface, FontSize);
        using var ink = new SKPaint { Color = SKColor.Parse(FigureStyle.Ink.ToHex()), IsAntialias = true };
        for (int c = 0; c < classes; c++)
        {
            int top = Gap + (c * (height + Gap));
            surface.Canvas.DrawText(
                Fitting(pictures.Classes[c], font), LabelWidth - Gap, top + (height / 2) + (FontSize / 3), SKTextAlign.Right, font, ink);
            int[] chosen = [.. Enumerable.Range(0, pictures.Count).Where(i => pictures.Labels[i] == c).Take(PerClass)];
            for (int k = 0; k < chosen.Length; k++)
            {
                int left = LabelWidth + Gap + (k * (width + Gap));
                using SKImage tile = Tile(pictures.Bytes(chosen[k]), spec);
                var place = SKRect.Create(left, top, width, height);
                surface.Canvas.DrawImage(tile, place,
                    scale < 1 ? new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear)
                        : new SKSamplingOptions(SKFilterMode.Nearest));
                // a hair line, so that white pictures have an edge on white paper
                place.Inflate(0.5f, 0.5f);
                using var edge = new SKPaint { Color = SKColors.LightGray, IsStroke = true };
                surface.Canvas.DrawRect(place, edge);
            }
        }

        using SKImage image = surface.Snapshot();
        using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
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

    private static string Fitting(string name, SKFont font)
    {
        string text = name;
        for (int length = name.Length; length > 0 && font.MeasureText(text) > LabelWidth - (2 * Gap); length--)
            text = name[..(length - 1)] + "…";
        return text;
    }
}
