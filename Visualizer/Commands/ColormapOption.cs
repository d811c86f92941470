using System.CommandLine;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>The colormap of a command that draws.</summary>
internal static class ColormapOption
{
    public static Option<string> Create() => new("--colormap")
    {
        Description = "An OpenCV colormap by name, such as viridis, inferno, turbo, jet, or gray.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "viridis",
    };
}
