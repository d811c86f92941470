using CnnOnnx.Rendering;

namespace CnnOnnx.Pages;

/// <summary>Numbers and sizes as they stand in pages.</summary>
internal static class PageText
{
    /// <summary>Writes three significant digits, with a minus as wide as a plus.</summary>
    public static string Short(double value) => Numbers.Short(value).Replace('-', '−');

    /// <summary>Writes a share of 0 to 1 as a percentage.</summary>
    public static string Percent(double share) => share is > 0 and < 0.0005 ? "<\u00a00.1\u00a0%" : share.ToString("0.#\u00a0%");

    /// <summary>Writes a count with a comma between thousands, from a million on in millions.</summary>
    public static string Count(long count) => count >= 1_000_000 ? $"{count / 1e6:0.##} M" : count.ToString("#,0");

    /// <summary>Writes the size of maps: 111², or 40 × 60.</summary>
    public static string Side(int height, int width) => height == width ? $"{width}²" : $"{height} × {width}";
}
