using System.CommandLine;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>All commands of the program.</summary>
internal static class VisualizerCommands
{
    public static RootCommand Root() => new("visualizer");
}
