using System.Collections.Frozen;
using CnnOnnx.Rendering;

namespace CnnOnnx.Pages;

/// <summary>
/// Pictures of a page. The few that everybody sees first are put into the page itself, while there is room; the rest are files beside it,
/// which a browser loads when they come near.
/// </summary>
/// <param name="folder">Folder of the page; the pictures' paths start there.</param>
/// <param name="room">Bytes that pictures in the page may take together; 0 to leave all of them files.</param>
internal sealed class PagePictures(string folder, long room = 1 << 20)
{
    private static readonly FrozenDictionary<string, string> MediaTypes = new Dictionary<string, string>
    {
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".webp"] = "image/webp",
    }.ToFrozenDictionary();

    private long _room = room;

    /// <summary>Gives an address that holds the picture where there is room for it; else that of its file.</summary>
    /// <param name="file">Path from the page's folder, with forward slashes.</param>
    /// <exception cref="BadInputException">Somebody has taken the file away.</exception>
    public Html Embedded(string file)
    {
        if (_room <= 0)
            return AddressOf(file);
        string path = Path.Combine(folder, file);
        try
        {
            if (new FileInfo(path).Length > _room)
                return AddressOf(file);
            byte[] bytes = File.ReadAllBytes(path);
            _room -= bytes.Length;
            return Html.Of($"data:{MediaTypes[Path.GetExtension(file).ToLowerInvariant()]};base64,{Html.Base64Of(bytes)}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>Gives the address of a file: the parts of its path are escaped, its slashes are not.</summary>
    public static Html AddressOf(string file) => Html.Of($"{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}");
}

/// <summary>A picture that was written, for a page to show and a manifest to name.</summary>
/// <param name="File">Path from the folder of the page or manifest, with forward slashes.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Tiles">Places of the channels in it; null where there are none.</param>
internal sealed record WrittenPicture(string File, int Width, int Height, TileGrid? Tiles = null);
