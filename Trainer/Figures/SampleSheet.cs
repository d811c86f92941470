using System.Runtime.InteropServices;
using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;
using SkiaSharp;

namespace CnnOnnx.Trainer.Figures;

/// <summary>Pictures of every class in rows, as the network gets them: resized, in its channels.</summary>
internal static class SampleSheet
{
    private const int PerClass = 10, MostClasses = 40, TileSide = 84, Gap = 6, LabelWidth = 150, FontSize = 15;

    /// <summary>The first pictures of every class, as a PNG file's bytes.</summary>
    public static byte[] Draw(BatchSource pictures) =>
        Draw(pictures, (members, k) => k < members.Length ? pictures.Bytes(members[k]).ToArray() : null);

    /// <summary>The first picture of every class, and beside it as its augmentation changes it.</summary>
    /// <param name="pictures">Pictures with an augmentation. What mixes pictures of a batch is left out.</param>
    /// <param name="seed">Seed of the changes.</param>
    public static byte[] DrawAugmented(BatchSource pictures, int seed)
    {
        byte[] scratch = [];
        return Draw(pictures, (members, k) =>
        {
            if (members.Length == 0)
                return null;
            byte[] picture = pictures.Bytes(members[0]).ToArray();
            if (scratch.Length == 0)
                scratch = new byte[picture.Length];
            if (k > 0)
                pictures.Augmentation.Apply(picture, pictures.Spec, new Random(HashCode(seed, members[0], k)), scratch);
            return picture;
        });
    }

    /// <param name="tile">C·H·W bytes of the k-th picture of a row, given the class's pictures; null for none.</param>
    private static byte[] Draw(BatchSource pictures, Func<int[], int, byte[]?> tile)
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
            int[] members = [.. Enumerable.Range(0, pictures.Count).Where(i => pictures.Labels[i] == c).Take(PerClass)];
            for (int k = 0; k < PerClass && tile(members, k) is { } bytes; k++)
            {
                int left = LabelWidth + Gap + (k * (width + Gap));
                using SKImage image = Tile(bytes, spec);
                var place = SKRect.Create(left, top, width, height);
                surface.Canvas.DrawImage(image, place,
                    scale < 1 ? new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear)
                        : new SKSamplingOptions(SKFilterMode.Nearest));
                // a hair line, so that white pictures have an edge on white paper
                place.Inflate(0.5f, 0.5f);
                using var edge = new SKPaint { Color = SKColors.LightGray, IsStroke = true };
                surface.Canvas.DrawRect(place, edge);
            }
        }

        using SKImage sheet = surface.Snapshot();
        using SKData png = sheet.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    // Not System.HashCode, whose numbers change from run to run.
    private static int HashCode(int seed, int picture, int tile) => unchecked((((seed * 31) + picture) * 31) + tile);

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
