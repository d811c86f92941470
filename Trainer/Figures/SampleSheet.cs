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
        using var tiles = new PictureTiles(pictures.Spec, TileSide);
        (int width, int height) = (tiles.Width, tiles.Height);
        using SKSurface surface = SKSurface.Create(
            new SKImageInfo(LabelWidth + (PerClass * (width + Gap)) + Gap, (classes * (height + Gap)) + Gap));
        surface.Canvas.Clear(SKColor.Parse(FigureStyle.Ground.ToHex()));
        using SKTypeface typeface = FigureFont.Open();
        using var font = new SKFont(typeface, FontSize);
        using var ink = new SKPaint { Color = SKColor.Parse(FigureStyle.Ink.ToHex()), IsAntialias = true };
        for (int c = 0; c < classes; c++)
        {
            int top = Gap + (c * (height + Gap));
            surface.Canvas.DrawText(PictureTiles.Fitting(pictures.Classes[c], font, LabelWidth - (2 * Gap)), LabelWidth - Gap,
                top + (height / 2) + (FontSize / 3), SKTextAlign.Right, font, ink);
            int[] members = [.. Enumerable.Range(0, pictures.Count).Where(i => pictures.Labels[i] == c).Take(PerClass)];
            for (int k = 0; k < PerClass && tile(members, k) is { } bytes; k++)
                tiles.Draw(surface.Canvas, bytes, LabelWidth + Gap + (k * (width + Gap)), top);
        }

        using SKImage sheet = surface.Snapshot();
        using SKData png = sheet.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    // Not System.HashCode, whose numbers change from run to run.
    private static int HashCode(int seed, int picture, int tile) => unchecked((((seed * 31) + picture) * 31) + tile);
}
