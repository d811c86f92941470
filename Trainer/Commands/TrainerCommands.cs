using System.CommandLine;

namespace CnnOnnx.Trainer.Commands;

/// <summary>All commands of the program.</summary>
internal static class TrainerCommands
{
    public static RootCommand Root() => new("Trains convolutional networks and exports them as ONNX.")
    {
        new DataCommand(),
        new TrainCommand(),
        new EvaluateCommand(),
        new ParityCommand(),
        new ExplainCommand(),
    };
}
