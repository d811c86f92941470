using System.Collections.Frozen;
using CnnOnnx.Rendering;

namespace CnnOnnx.Pages;

/// <summary>
/// The pictures of a page. When there is room for all of them they are put into the page itself, so that it can be sent alone;
/// if not, there may be for all maps; otherwise only the smallest are, so that the page loads fast. The rest stay files beside it.
/// </summary>
internal sealed class PagePictures
{
    private const long RoomForAll = 8 << 20, RoomForMaps = 3 << 20, RoomForSome = 1 << 20;

    private static readonly FrozenDictionary<string, string> MediaTypes = new Dictionary<string, string>
    {
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".webp"] = "image/webp",
    }.ToFrozenDictionary();

    private readonly string _folder;
    private readonly Dictionary<string, long> _sizes;
    private readonly FrozenSet<string> _embedded;

    /// <param name="folder">Folder of the report; the pictures' paths start there.</param>
    /// <param name="maps">Pictures of tensors that will be shown.</param>
    /// <param name="kernels">Pictures of weights that will be shown.</param>
    /// <param name="selfContained">False to leave all of them files: in the reports of many inputs they would be everything twice.</param>
    public PagePictures(string folder, IEnumerable<string> maps, IEnumerable<string> kernels, bool selfContained = true)
    {
        (_folder, SelfContained) = (folder, selfContained);
        HashSet<string> first = selfContained ? [.. maps] : [];
        _sizes = first.Union(selfContained ? kernels : []).ToDictionary(file => file, SizeOf);
        long room = _sizes.Values.Sum() <= RoomForAll ? RoomForAll
            : first.Sum(file => _sizes[file]) <= RoomForMaps ? RoomForMaps
            : RoomForSome;
        _embedded = _sizes.OrderBy(p => !first.Contains(p.Key)).ThenBy(p => p.Value)
            .TakeWhile(p => (room -= p.Value) >= 0).Select(p => p.Key).ToFrozenSet();
    }

    /// <summary>Pictures may be in the page.</summary>
    public bool SelfContained { get; }

    public bool IsEmbedded(string file) => _embedded.Contains(file);

    /// <exception cref="BadInputException">Somebody has taken the file away.</exception>
    public long SizeOf(string file) =>
        _sizes?.GetValueOrDefault(file) is > 0 and var known ? known : Read(file, path => new FileInfo(path).Length);

    /// <summary>The picture as an address that holds it.</summary>
    public Html AsText(string file) =>
        Html.Of($"data:{MediaTypes[Path.GetExtension(file).ToLowerInvariant()]};base64,{Html.Base64Of(Read(file, File.ReadAllBytes))}");

    /// <param name="picture">One of the files.</param>
    /// <param name="alternative">Description for those who cannot see the picture.</param>
    /// <param name="caption">Words below the picture.</param>
    /// <param name="kind">report.css and the scripts know it.</param>
    /// <param name="data">Further attributes for the scripts.</param>
    public Html Figure(WrittenPicture picture, string alternative, string caption, string kind, Html data = default) => Html.Of($"""
        <figure class="{kind}"><img src="{Source(picture.File)}" width="{picture.Width}" height="{picture.Height}" alt="{alternative}"{Tiles(picture.Tiles)}{data} loading="lazy" decoding="async"><figcaption>{caption}</figcaption></figure>
        """);

    // For the script: where each channel is.
    private static Html Tiles(TileGrid? tiles) => tiles is not { } t ? Html.Empty
        : Html.Of($" data-tiles='{t.X} {t.Y} {t.Width} {t.Height} {t.Gap} {t.Columns} {t.Count}'");

    private T Read<T>(string file, Func<string, T> read)
    {
        string path = Path.Combine(_folder, file);
        try
        {
            return read(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }

    // The parts of a path are escaped, its slashes are not.
    private Html Source(string file) =>
        IsEmbedded(file) ? AsText(file) : Html.Of($"{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}");
}

/// <summary>A picture that was written, for a page to show and a manifest to name.</summary>
/// <param name="File">Path from the folder of the page or manifest, with forward slashes.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Tiles">Places of the channels in it; null where there are none.</param>
internal sealed record WrittenPicture(string File, int Width, int Height, TileGrid? Tiles = null);
