using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>OpenCV's colormaps by name in lower case, and gray, which is no colormap: null.</summary>
public static class Colormaps
{
    /// <summary>Name of no colormap: values from black to white.</summary>
    public const string Gray = "gray";

    private static readonly Dictionary<string, ColormapTypes> ByName =
        Enum.GetValues<ColormapTypes>().ToDictionary(NameOfEnum, StringComparer.OrdinalIgnoreCase);

    /// <summary>Names of all colormaps, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys.Append(Gray).Order(StringComparer.Ordinal)];

    /// <summary>Reads the name of a colormap; null for gray.</summary>
    /// <param name="text">One of <see cref="Names"/>.</param>
    /// <exception cref="BadInputException">Not the name of a colormap; the message lists them.</exception>
    public static ColormapTypes? Parse(string text)
    {
        string name = text.Replace("_", "");
        if (name.Equals(Gray, StringComparison.OrdinalIgnoreCase))
            return null;
        return ByName.TryGetValue(name, out ColormapTypes colormap)
            ? colormap
            : throw new BadInputException($"'{text}' is not a colormap; expected one of {string.Join(", ", Names)}");
    }

    /// <summary>Gives the name of a colormap.</summary>
    /// <param name="colormap">One of OpenCV's; null for gray.</param>
    public static string NameOf(ColormapTypes? colormap) => colormap is { } type ? NameOfEnum(type) : Gray;

    private static string NameOfEnum(ColormapTypes colormap) => colormap.ToString().ToLowerInvariant();
}
