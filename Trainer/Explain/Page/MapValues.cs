using System.Globalization;
using CnnOnnx.Pages;
using CnnOnnx.Rendering;
using CnnOnnx.Torch.Attribution;

namespace CnnOnnx.Trainer.Explain;

/// <summary>
/// The signed values of maps for the page's script, one byte each as in reports, in a script a map that is loaded when somebody points at
/// it: values/m12.js.
/// <code>
/// min 1 mpmZPg==    range of the map,
/// low 1 …           and its 1st and 99th percentile
/// codes 49 AAEC…    a byte a value, see MapCodes
/// NaN 3             values that are not finite, where there are some
/// </code>
/// </summary>
internal static class MapValues
{
    private const string Subfolder = "values";

    // Larger maps, which are those of pixels, are summed over squares.
    private const int MostSide = 256;

    /// <summary>Writes the script of a map.</summary>
    /// <param name="folder">Folder of the page.</param>
    /// <param name="index">Place of the map in the page.</param>
    /// <param name="plane">The map.</param>
    public static ValuesFile Write(string folder, int index, MapPlane plane)
    {
        int block = (int)Math.Ceiling((double)Math.Max(plane.Width, plane.Height) / MostSide);
        MapPlane shown = plane.Summed(block);
        string file = string.Create(CultureInfo.InvariantCulture, $"{Subfolder}/m{index}.js");
        var coding = MapCodes.Of(shown.Values);
        byte[] codes = new byte[shown.Values.Length];
        coding.Encode(shown.Values, codes);
        (string Name, Array Numbers)[] lines = [("min", new[] { coding.Range.Min }), ("low", new[] { coding.Middle.Min }),
            ("high", new[] { coding.Middle.Max }), ("max", new[] { coding.Range.Max }), ("codes", codes)];
        int odd = shown.Values.Count(value => !float.IsFinite(value));
        Directory.CreateDirectory(Path.Combine(folder, Subfolder));
        SideScript.Write(folder, file, Html.Of($"""
            {Html.Join(lines.Select(line => Html.Of($"{line.Name} {line.Numbers.Length} {Html.Base64Of(line.Numbers)}\n")))}{(odd == 0
                ? Html.Empty : Html.Of($"NaN {odd}\n"))}
            """));
        return new ValuesFile(file, shown.Height, shown.Width, block, plane.Limit());
    }
}

/// <summary>Where the values of a map are.</summary>
/// <param name="File">Path from the page's folder on.</param>
/// <param name="Rows">Rows of the map.</param>
/// <param name="Columns">Columns of the map.</param>
/// <param name="Block">Side of the squares that were summed, in places of the raw map; 1 for the map's own places.</param>
/// <param name="Limit">Size at which its colours end.</param>
internal sealed record ValuesFile(string File, int Rows, int Columns, int Block, float Limit);
