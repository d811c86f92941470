using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>How a vector is drawn.</summary>
public sealed record BarChartOptions
{
    /// <summary>Null for gray.</summary>
    public ColormapTypes? Colormap { get; init; } = ColormapTypes.Viridis;

    /// <summary>Of the cells that a long vector becomes.</summary>
    public ScaleMode Scaling { get; init; } = ScaleMode.Layer;

    /// <summary>In place of the measured range, of the cells.</summary>
    public ValueRange? Range { get; init; }

    /// <summary>A name for each value, such as the classes; numbers when not given. Those that are missing are numbers.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>So many of the largest values, in descending order; all, in their own order, when not given.</summary>
    public int? Top { get; init; }

    /// <summary>More values than this become coloured cells, row by row.</summary>
    public int MaxBars { get; init; } = 64;

    public bool Legend { get; init; } = true;

    /// <summary>Which one of a batch.</summary>
    public int Sample { get; init; }

    internal static BarChartOptions From(MosaicOptions options) => new()
    {
        Colormap = options.Colormap,
        Scaling = options.Scaling,
        Range = options.Range,
        Legend = options.Legend,
        Sample = options.Sample,
    };
}
