using CnnOnnx.Cli;
using CnnOnnx.Torch;
using CnnOnnx.Trainer.Commands;

namespace CnnOnnx.Trainer;

internal static class Program
{
    public static int Main(string[] args)
    {
        NativeHeap.KeepFreed();
        return CommandHost.Run(TrainerCommands.Root(), args);
    }
}
