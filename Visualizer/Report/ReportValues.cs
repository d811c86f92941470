using CnnOnnx.Pages;
using CnnOnnx.Rendering;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Report;

/// <summary>
/// What the report's script needs to read values back from the colours of a map, of which there are 256: the map's size in
/// values, the scale that was used, and the colours. A browser lets no script look into a picture that is a file, so these
/// get a copy that is text, while there is room.
/// </summary>
internal sealed class ReportValues(string folder, PagePictures pictures)
{
    private const string Subfolder = "values";
    private const long LargestCopy = 512 << 10, Room = 6 << 20;

    // Of each of many reports: as text a third more. Enough for all maps of a small network, and for the small ones of a large network.
    private const long RoomOfMany = 96 << 10;

    private long _room = pictures.SelfContained ? Room : RoomOfMany;

    public Html Of(string anchor, TensorRecord tensor, WrittenPicture picture)
    {
        // Where there are several samples the numbers are of all of them and the picture is of one; a vector's values are its
        // channels' own.
        bool isOneSample = tensor.Shape.Length == 3 || (tensor.Shape.Length > 3 && tensor.Shape[0] == 1);
        if (!isOneSample || picture.Tiles is null || !picture.File.EndsWith(".png", StringComparison.Ordinal))
            return Html.Empty;
        string mode = tensor.Scale.Mode.ToString().ToLowerInvariant();
        string facts = $"{tensor.Shape[^1]} {tensor.Shape[^2]} {mode} {tensor.Min:R} {tensor.Max:R}";
        return Html.Of($" data-values='{facts}'{Copy(anchor, picture.File)}");
    }

    /// <summary>Red, green and blue of the 256 colours, in hexadecimal.</summary>
    public static Html Colours(string colormap)
    {
        byte[] bgr = Palette.Of(Colormaps.Parse(colormap)).Bgr;
        byte[] rgb = [.. bgr.Chunk(3).SelectMany(colour => colour.Reverse())];
        return Html.Of($"""<script type="text/plain" id="colours">{Convert.ToHexStringLower(rgb)}</script>""");
    }

    private Html Copy(string anchor, string picture)
    {
        if (pictures.IsEmbedded(picture) || pictures.SizeOf(picture) > Math.Min(LargestCopy, _room))
            return Html.Empty;
        _room -= pictures.SizeOf(picture);
        string file = $"{Subfolder}/{anchor}.js";
        SideScript.Write(folder, file, pictures.AsText(picture));
        return Html.Of($" data-copy='{file}'");
    }
}
