using System.CommandLine;

namespace CnnOnnx.Trainer.Commands;

/// <summary>All commands of the program.</summary>
internal static class TrainerCommands
{
    public static RootCommand Root() => new("trainer");
}
