using CnnOnnx.Cli;
using CnnOnnx.Visualizer.Commands;

namespace CnnOnnx.Visualizer;

internal static class Program
{
    public static int Main(string[] args) => CommandHost.Run(VisualizerCommands.Root(), args);
}
