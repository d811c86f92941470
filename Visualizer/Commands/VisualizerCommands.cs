using System.CommandLine;
using CnnOnnx.Cli;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>All commands of the program, and what several of them take.</summary>
internal static class VisualizerCommands
{
    public static RootCommand Root() => new RootCommand("Shows what a convolutional network does: its layers, activations and kernels.")
    {
        new InspectCommand(),
        new ExposeCommand(),
        new DumpCommand(),
        new KernelsCommand(),
        new CompareCommand(),
        new CardCommand(),
        new BenchCommand(),
        new LiveCommand(),
        new DoctorCommand(),
    }.Named("visualizer");

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
