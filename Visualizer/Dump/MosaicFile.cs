using CnnOnnx.Imaging;
using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>Mosaics in the format that was asked for.</summary>
internal static class MosaicFile
{
    // What the formats' headers have room for.
    private static readonly Dictionary<string, int> LargestSide = new() { [".jpg"] = 65_535, [".webp"] = 16_383 };

    /// <summary>The path's ending says the format. PNG keeps the palette, the others get its colours.</summary>
    /// <exception cref="BadInputException">Larger than the format allows, or the place cannot be written.</exception>
    public static void Write(IndexedPicture picture, string path)
    {
        if (path.EndsWith(".png", StringComparison.Ordinal))
        {
            picture.WritePng(path);
            return;
        }

        int most = LargestSide[Path.GetExtension(path)];
        if (Math.Max(picture.Width, picture.Height) > most)
            throw new BadInputException($"{path}: the picture is {picture.Width}x{picture.Height}, the format holds {most} pixels a side; "
                + "a smaller --tile-size, fewer --max-channels or --format png helps");
        using Mat bgr = picture.ToBgr();
        PictureFile.Write(path, bgr);
    }
}
