using CnnOnnx.Rendering;
using CnnOnnx.Visualizer.Dump;

namespace CnnOnnx.Visualizer.Report;

/// <summary>
/// The pictures of a report. While there is room they are put into the page itself, so that it can be sent alone; the rest
/// stay files beside it.
/// </summary>
/// <param name="folder">Of the report; the pictures' paths start there.</param>
/// <param name="embed">False to leave all of them files: for the reports of many inputs.</param>
internal sealed class ReportPictures(string folder, bool embed = true)
{
    private const long LargestEmbedded = 512 << 10;
    private long _room = embed ? 8 << 20 : 0;

    public Html Figure(PictureRecord picture, string alternative, string caption, string kind) => Html.Of($"""
        <figure class="{kind}"><img src="{Source(picture.File)}" width="{picture.Width}" height="{picture.Height}" alt="{alternative}"{Tiles(picture.Tiles)} loading="lazy" decoding="async"><figcaption>{caption}</figcaption></figure>
        """);

    // For the script: where each channel is.
    private static Html Tiles(TileGrid? tiles) => tiles is not { } t ? Html.Empty
        : Html.Of($" data-tiles='{t.X} {t.Y} {t.Width} {t.Height} {t.Gap} {t.Columns} {t.Count}'");

    private string Source(string file)
    {
        string path = Path.Combine(folder, file);
        long size = _room == 0 ? long.MaxValue : new FileInfo(path).Length;
        // The parts of a path are escaped, its slashes are not.
        if (size > Math.Min(LargestEmbedded, _room))
            return string.Join('/', file.Split('/').Select(Uri.EscapeDataString));
        _room -= size;
        string type = Path.GetExtension(file) switch { ".jpg" => "jpeg", var ending => ending[1..] };
        return $"data:image/{type};base64," + Convert.ToBase64String(File.ReadAllBytes(path));
    }
}
