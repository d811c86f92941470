using BenchmarkDotNet.Running;

namespace CnnOnnx.Benchmarks;

internal static class Program
{
    /// <summary>An argument with which the program ends at once: what starting .NET alone takes.</summary>
    public const string Nothing = "--nothing";

    public static void Main(string[] args)
    {
        if (args is not [Nothing])
            Measure(args);
    }

    private static void Measure(string[] args) => BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
