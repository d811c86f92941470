using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Visualizer.Live;

/// <summary>
/// State of the window: layer, channel, colours, size. Keys make a new view of it, and so does who changes the window's size.
/// </summary>
internal sealed record LiveView
{
    /// <summary>Colormaps that key c goes through; null is gray.</summary>
    public static IReadOnlyList<ColormapTypes?> Colormaps { get; } =
        [ColormapTypes.Viridis, ColormapTypes.Inferno, ColormapTypes.Turbo, ColormapTypes.Jet, ColormapTypes.Cividis, null];

    private const int SmallestTile = 16, LargestTile = 512;

    /// <summary>Index among the layers that can be shown.</summary>
    public int Layer { get; init; }

    /// <summary>Null for all.</summary>
    public int? Channel { get; init; }

    public ColormapTypes? Colormap { get; init; } = ColormapTypes.Viridis;

    public ScaleMode Scaling { get; init; } = ScaleMode.Tile;

    /// <summary>Pixels of a map's shorter side.</summary>
    public int TileSize { get; init; } = 64;

    /// <summary>Pixels of the whole.</summary>
    public Size Window { get; init; } = LiveScreen.StandardSize;

    public bool IsFrozen { get; init; }

    public bool ShowsHelp { get; init; }

    public bool IsOver { get; init; }

    /// <summary>Counts the pictures that were asked for by key.</summary>
    public int PicturesAsked { get; init; }

    /// <param name="key">The key that was pressed.</param>
    /// <param name="layers">How many there are.</param>
    /// <param name="channels">How many the shown layer has; 0 when it has not run yet.</param>
    public LiveView Press(LiveKey key, int layers, int channels) => key switch
    {
        LiveKey.NextLayer => this with { Layer = Turn(Layer + 1, layers), Channel = null },
        LiveKey.PreviousLayer => this with { Layer = Turn(Layer - 1, layers), Channel = null },
        LiveKey.NextChannel => this with { Channel = Step(+1, channels) },
        LiveKey.PreviousChannel => this with { Channel = Step(-1, channels) },
        LiveKey.AllChannels => this with { Channel = null },
        LiveKey.Freeze => this with { IsFrozen = !IsFrozen },
        LiveKey.NextPicture => this with { PicturesAsked = PicturesAsked + 1 },
        LiveKey.Colormap => this with { Colormap = After(Colormaps, Colormap) },
        LiveKey.Scaling => this with { Scaling = After(Enum.GetValues<ScaleMode>(), Scaling) },
        LiveKey.Larger => this with { TileSize = Math.Min(LargestTile, TileSize * 5 / 4) },
        LiveKey.Smaller => this with { TileSize = Math.Max(SmallestTile, TileSize * 4 / 5) },
        LiveKey.Help => this with { ShowsHelp = !ShowsHelp },
        LiveKey.Quit => this with { IsOver = true },
        _ => this,
    };

    // All, 0, 1 … last, all: a ring in which "all" is one place.
    private int? Step(int by, int channels) =>
        Turn((Channel ?? -1) + 1 + by, channels + 1) - 1 is >= 0 and var channel ? channel : null;

    private static int Turn(int index, int count) => count == 0 ? 0 : (index % count + count) % count;

    // One that is not in the list, such as a colormap from the command line, is followed by the first.
    private static T After<T>(IReadOnlyList<T> choices, T current) => choices[(choices.ToList().IndexOf(current) + 1) % choices.Count];
}
