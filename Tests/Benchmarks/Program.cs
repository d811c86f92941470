using BenchmarkDotNet.Running;
using CnnOnnx.Benchmarks.Training;

namespace CnnOnnx.Benchmarks;

internal static class Program
{
    public static void Main(string[] args)
    {
        if (args is ["--flat-memory"])
            FlatMemoryBenchmarks.Run();
        else
            _ = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
    }
}
