using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>Colours and extent of a vector's picture.</summary>
public sealed record BarChartOptions
{
    /// <summary>Colours of the values, one of OpenCV's colormaps; null for gray.</summary>
    public ColormapTypes? Colormap { get; init; } = ColormapTypes.Viridis;

    /// <summary>Scale of the cells that a long vector becomes.</summary>
    public ScaleMode Scaling { get; init; } = ScaleMode.Layer;

    /// <summary>Range that the cells' colours span, in place of the measured one.</summary>
    public ValueRange? Range { get; init; }

    /// <summary>Names of the values, such as classes; a value without one is named by its index.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Number of largest values to show, in descending order; null for all, in their own order.</summary>
    public int? Top { get; init; }

    /// <summary>Most values that are drawn as bars; more become coloured cells, row by row.</summary>
    public int MaxBars { get; init; } = 64;

    /// <summary>Ground and words of the picture.</summary>
    public PictureTheme Theme { get; init; }

    /// <summary>True for title, shape and range above the bars.</summary>
    public bool Legend { get; init; } = true;

    /// <summary>Index of the drawn sample in the batch, from 0.</summary>
    public int Sample { get; init; }

    internal static BarChartOptions From(MosaicOptions options) => new()
    {
        Colormap = options.Colormap,
        Scaling = options.Scaling,
        Range = options.Range,
        Legend = options.Legend,
        Theme = options.Theme,
        Sample = options.Sample,
    };
}
