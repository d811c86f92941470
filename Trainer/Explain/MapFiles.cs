using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Torch.Attribution;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Draws the maps of one input into files.</summary>
internal static class MapFiles
{
    private const string Folder = "overlays";

    // Photographs are ten times as large without loss, drawings and small pictures are not.
    private const int SmallPicture = 320;

    // More overlays than that are drawn small.
    private const int ManyMaps = 100, SmallSide = 512;

    /// <summary>Draws all maps.</summary>
    /// <param name="explained">The input and its maps.</param>
    /// <param name="folder">Folder of the results; the files go into overlays/ in it.</param>
    /// <param name="options">How maps are laid over the picture.</param>
    /// <returns>Names of the files of each map, from the folder on, with forward slashes.</returns>
    public static IReadOnlyDictionary<ExplainedMap, MapPictures> Write(Explained explained, string folder, OverlayOptions options)
    {
        var names = new SafeNames();
        var files = new Dictionary<ExplainedMap, MapPictures>();
        using Mat picture = Sized(explained.Picture, explained.Maps.Count > ManyMaps ? SmallSide : int.MaxValue);
        string ending = Math.Max(picture.Cols, picture.Rows) > SmallPicture ? ".jpg" : ".png";
        foreach (ExplainedMap map in explained.Maps)
        {
            string name = names.Unique($"{files.Count:000}_{map.Key.Replace('/', '_')}");
            using Mat overlay = AttributionOverlay.Render(map.Map, picture, explained.Spec, options);
            string file = Put($"{name}{ending}", overlay);
            files[map] = map.IsOfPixels ? new MapPictures(file)
            {
                Positive = Gradient(name, "positive", map, GradientPart.Positive, false),
                Negative = Gradient(name, "negative", map, GradientPart.Negative, false),
                All = Gradient(name, "all", map, GradientPart.All, false),
                Colour = map.Map.Channels == 3 ? Gradient(name, "colour", map, GradientPart.All, true) : null,
            } : new MapPictures(file);
        }

        return files;

        string Put(string name, Mat drawn)
        {
            PictureFile.Write(Path.Combine(folder, Folder, name), drawn);
            return $"{Folder}/{name}";
        }

        string Gradient(string name, string suffix, ExplainedMap map, GradientPart part, bool colour)
        {
            using Mat drawn = AttributionPicture.Gradient(map.Map, part, colour);
            if (colour && explained.Spec.Channels == ChannelOrder.Bgr)
                Cv2.CvtColor(drawn, drawn, ColorConversionCodes.RGB2BGR);
            return Put($"{name}.{suffix}.png", drawn);
        }
    }

    // A large picture in the folder of hundreds of maps would be there hundreds of times.
    private static Mat Sized(Mat picture, int side)
    {
        double scale = Math.Min(1, (double)side / Math.Max(picture.Cols, picture.Rows));
        var sized = new Mat();
        Cv2.Resize(picture, sized, new Size(Math.Max(1, picture.Cols * scale), Math.Max(1, picture.Rows * scale)), 0, 0,
            InterpolationFlags.Area);
        return sized;
    }
}

/// <summary>Files of one map, from the folder of the results on.</summary>
/// <param name="Overlay">The map over the picture.</param>
internal sealed record MapPictures(string Overlay)
{
    /// <summary>Numbers that raise the target, in grey; null for maps of layers, as the others.</summary>
    public string? Positive { get; init; }

    /// <summary>Numbers that lower it.</summary>
    public string? Negative { get; init; }

    /// <summary>All numbers by size.</summary>
    public string? All { get; init; }

    /// <summary>All numbers, in the colours of the input's channels.</summary>
    public string? Colour { get; init; }
}
