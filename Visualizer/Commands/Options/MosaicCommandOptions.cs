using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Rendering;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>How mosaics look, on the command line.</summary>
internal sealed class MosaicCommandOptions
{
    private readonly Option<ScaleMode> _scale = EnumOption.Create("--scale",
        "How values become colours: each map by its own range or from its 1st to its 99th percentile, one range for the layer, "
        + "(x-mean)/std, x*255, or around 0.", ScaleMode.Tile);

    private readonly Option<PictureTheme> _theme = EnumOption.Create("--theme", "Ground of the pictures.", PictureTheme.Light);

    private readonly Option<bool> _noLegend = new("--no-legend") { Description = "Maps without title, numbers and colour bar." };

    private readonly Option<string> _colormap = SharedOptions.ColormapOption();

    private readonly Option<int?> _columns = CountOption.Create("--columns", "Maps in a row; as many as below one another when not given.");

    private readonly Option<int?> _rows = CountOption.Create("--rows", "Rows of maps.");

    private readonly Option<int?> _tileSize = CountOption.Create("--tile-size",
        "Pixels that a map's shorter side has at least; 64, or less where many maps would fill more than a screen, when not given; "
        + "1 for one pixel a value.");

    public MosaicCommandOptions(Command command)
    {
        foreach (Option option in new Option[] { _scale, _colormap, _columns, _rows, _tileSize, _theme, _noLegend })
            command.Options.Add(option);
    }

    /// <summary>Pixels that were asked for; null when nothing was.</summary>
    public int? TileSize(ParseResult parsed) => parsed.GetValue(_tileSize);

    /// <exception cref="BadInputException">An unknown colormap.</exception>
    public MosaicOptions Of(ParseResult parsed, int? maxChannels)
    {
        var standard = new MosaicOptions();
        return standard with
        {
            Scaling = parsed.GetValue(_scale),
            Colormap = Colormaps.Parse(parsed.GetValue(_colormap)!),
            Theme = parsed.GetValue(_theme),
            Legend = !parsed.GetValue(_noLegend),
            Columns = parsed.GetValue(_columns),
            Rows = parsed.GetValue(_rows),
            MinTileSize = parsed.GetValue(_tileSize) ?? standard.MinTileSize,
            // A size that was asked for is given, however many maps there are.
            MaxEnlargedPixels = parsed.GetValue(_tileSize) is null ? standard.MaxEnlargedPixels : null,
            MaxChannels = maxChannels ?? standard.MaxChannels,
        };
    }
}
