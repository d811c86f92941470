using System.CommandLine;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>Arguments and options that several commands take.</summary>
internal static class SharedOptions
{
    /// <summary>The model that a command works on.</summary>
    public static Argument<string> ModelArgument() => new("MODEL") { Description = "An ONNX file." };

    /// <summary>The colormap of a command that draws.</summary>
    public static Option<string> ColormapOption() => new("--colormap")
    {
        Description = "An OpenCV colormap by name, such as viridis, inferno, turbo, jet, or gray.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "viridis",
    };
}
