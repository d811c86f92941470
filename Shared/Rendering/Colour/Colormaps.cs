using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>OpenCV's colormaps by name in lower case, and gray, which is no colormap: null.</summary>
public static class Colormaps
{
    public const string Gray = "gray";

    private static readonly Dictionary<string, ColormapTypes> ByName =
        Enum.GetValues<ColormapTypes>().ToDictionary(NameOfEnum, StringComparer.OrdinalIgnoreCase);

    /// <summary>In alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys.Append(Gray).Order(StringComparer.Ordinal)];

    /// <summary>Null for gray.</summary>
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

    public static string NameOf(ColormapTypes? colormap) => colormap is { } type ? NameOfEnum(type) : Gray;

    private static string NameOfEnum(ColormapTypes colormap) => colormap.ToString().ToLowerInvariant();
}
