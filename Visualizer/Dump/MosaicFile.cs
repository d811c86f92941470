using CnnOnnx.Imaging;
using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Mosaics in the format that was asked for.</summary>
internal static class MosaicFile
{
    private const string Png = ".png";

    // The formats without a palette, and what their headers have room for.
    private static readonly Dictionary<PictureFormat, (string Ending, int LargestSide)> Coloured = new()
    {
        [PictureFormat.Jpeg] = (".jpg", 65_535),
        [PictureFormat.Webp] = (".webp", 16_383),
    };

    /// <summary>Such as .jpg.</summary>
    public static string EndingOf(PictureFormat format) => Coloured.TryGetValue(format, out var coloured) ? coloured.Ending : Png;

    /// <summary>The path's ending says the format. PNG keeps the palette, the others get its colours.</summary>
    /// <exception cref="BadInputException">Larger than the format allows, or the place cannot be written.</exception>
    public static void Write(IndexedPicture picture, string path)
    {
        string ending = Path.GetExtension(path);
        if (ending == Png)
        {
            picture.WritePng(path);
            return;
        }

        int most = Coloured.Values.Single(l => l.Ending == ending).LargestSide;
        if (Math.Max(picture.Width, picture.Height) > most)
            throw new BadInputException($"{path}: the picture is {picture.Width}x{picture.Height}, the format holds {most} pixels a side; "
                + "a smaller --tile-size, fewer --max-channels or --format png helps");
        using Mat bgr = picture.ToBgr();
        PictureFile.Write(path, bgr);
    }
}
