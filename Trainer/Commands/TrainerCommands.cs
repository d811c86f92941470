using System.CommandLine;
using CnnOnnx.Cli;

namespace CnnOnnx.Trainer.Commands;

/// <summary>All commands of the program.</summary>
internal static class TrainerCommands
{
    public static RootCommand Root() => new RootCommand("Trains convolutional networks and exports them as ONNX.")
    {
        new DataCommand(),
        new TrainCommand(),
        new EvaluateCommand(),
        new DetectCommand(),
        new ExportCommand(),
        new ExplainCommand(),
        new ParityCommand(),
    }.Named("trainer");
}
