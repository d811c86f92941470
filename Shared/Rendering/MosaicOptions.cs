using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Rendering;

/// <summary>Colours, scale and arrangement of a tensor's maps.</summary>
public sealed record MosaicOptions
{
    /// <summary>
    /// Colours of the values, one of OpenCV's colormaps; null for gray. With <see cref="ScaleMode.Symmetric"/> the standard one gives way
    /// to colours around zero: blue, the ground, orange.
    /// </summary>
    public ColormapTypes? Colormap { get; init; } = ColormapTypes.Viridis;

    /// <summary>How values become places on the colormap.</summary>
    public ScaleMode Scaling { get; init; } = ScaleMode.Tile;

    /// <summary>
    /// For <see cref="ScaleMode.Layer"/> and <see cref="ScaleMode.Symmetric"/> the range to scale by in place of the measured one:
    /// for pictures that are to be compared, such as a video's.
    /// </summary>
    public ValueRange? Range { get; init; }

    /// <summary>Number of maps side by side; about as many as below one another when not given.</summary>
    public int? Columns { get; init; }

    /// <summary>Number of maps below one another. With <see cref="Columns"/>, further maps are left out, and the legend says so.</summary>
    public int? Rows { get; init; }

    /// <summary>Most maps that are drawn; further ones are left out, and the legend says so.</summary>
    public int MaxChannels { get; init; } = LayoutRules.Usual.MaxChannels;

    /// <summary>
    /// Pixels of a map's shorter side: smaller maps are enlarged by a whole factor, without smoothing, to this size, and a few
    /// alone to up to three times this. 1 draws pixel by pixel; 64 when not given.
    /// </summary>
    public int MinTileSize { get; init; } = LayoutRules.Usual.MinTileSize;

    /// <summary>
    /// Pixels that a mosaic may grow to by enlarging: about a screen, so that hundreds of small maps can be seen at once. The
    /// report and a single channel's picture show them larger. Null for no limit.
    /// </summary>
    public long? MaxEnlargedPixels { get; init; } = LayoutRules.Usual.MaxEnlargedPixels;

    /// <summary>Pixels between maps; 2 when not given.</summary>
    public int Gap { get; init; } = LayoutRules.Usual.Gap;

    /// <summary>Title, shape, range and colour bar above the maps.</summary>
    public bool Legend { get; init; } = true;

    /// <summary>Ground and words of the picture.</summary>
    public PictureTheme Theme { get; init; }

    /// <summary>Words and flat colour on maps that are constant or have NaN or infinite values.</summary>
    public bool Marks { get; init; } = true;

    /// <summary>Index of the drawn sample in the batch, from 0.</summary>
    public int Sample { get; init; }

    /// <summary>
    /// Axis of the channels: before height and width (NCHW), or behind them (NHWC). Null for where the model has them: for values that
    /// come without a model, before height and width.
    /// </summary>
    public ChannelLayout? Channels { get; init; }

    /// <summary>Colours of values, ground and words: around zero with the standard colormap blue and orange.</summary>
    internal Palette Colours => PaletteOf(Colormap, Scaling == ScaleMode.Symmetric, Theme);

    internal static Palette PaletteOf(ColormapTypes? colormap, bool isAroundZero, PictureTheme theme) =>
        isAroundZero && colormap == ColormapTypes.Viridis ? Palette.Diverging(theme) : Palette.Of(colormap, theme);

    // Maps without words and gaps have nothing around them: all colours are theirs.
    internal Palette ColoursAlone =>
        Colours == Palette.Diverging(Theme) ? Colours : Palette.Of(Colormap);

    internal LayoutRules Layout => new()
    {
        Columns = Columns,
        Rows = Rows,
        MaxChannels = MaxChannels,
        MinTileSize = MinTileSize,
        MaxEnlargedPixels = MaxEnlargedPixels,
        Gap = Gap,
    };
}
