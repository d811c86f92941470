using System.CommandLine;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>All commands of the program.</summary>
internal static class VisualizerCommands
{
    public static RootCommand Root() => new("Shows what a convolutional network does: its layers, activations and kernels.")
    {
        InspectCommand.Create(),
        ExposeCommand.Create(),
        DumpCommand.Create(),
        KernelsCommand.Create(),
        BenchCommand.Create(),
        LiveCommand.Create(),
        DoctorCommand.Create(),
    };
}
