using System.Diagnostics;
using BenchmarkDotNet.Attributes;

namespace CnnOnnx.Benchmarks.Startup;

/// <summary>
/// Whole processes, from their start to finished files, against one that only starts .NET: the ratio says what the program
/// itself costs on any machine. Nothing is cold on the disk.
/// </summary>
[Config(typeof(RatioConfig))]
public class ColdStartBenchmarks
{
    private string _folder = "";

    [GlobalSetup]
    public void Setup() => _folder = Directory.CreateTempSubdirectory("cnnonnx-bench").FullName;

    [GlobalCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [Benchmark(Baseline = true)]
    public void Nothing() => Start(Path.Combine(AppContext.BaseDirectory, "Benchmarks.dll"), Program.Nothing);

    [Benchmark]
    public void Inspect() => Start(Visualizer, "inspect", At("models", "lenet.onnx"));

    [Benchmark]
    public void Dump() =>
        Start(Visualizer, "dump", At("models", "lenet.onnx"), At("docs", "boot.png"), "--out", _folder, "--quiet");

    // As the build left it, compiled ahead; what lies beside the benchmarks is not.
    private static string Visualizer => At("artifacts", "bin", "Visualizer", "release", "visualizer.dll");

    private static string At(params ReadOnlySpan<string> parts) => Path.Combine([Tests.Support.Repository.Root, .. parts]);

    private static void Start(string program, params ReadOnlySpan<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}
