using System.CommandLine;
using CnnOnnx.Cli;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>All commands of the program.</summary>
internal static class VisualizerCommands
{
    public static RootCommand Root() => new RootCommand("Shows what a convolutional network does: its layers, activations and kernels.")
    {
        new InspectCommand(),
        new ExposeCommand(),
        new DumpCommand(),
        new PlanCommand(),
        new MergeCommand(),
        new ClusterCommand(),
        new KernelsCommand(),
        new CompareCommand(),
        new CardCommand(),
        new BenchCommand(),
        new LiveCommand(),
        new DoctorCommand(),
    }.Named("visualizer");
}
