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
    public void Nothing() => Start("Benchmarks.dll", Program.Nothing);

    [Benchmark]
    public void Inspect() => Start("visualizer.dll", "inspect", At("models", "lenet.onnx"));

    [Benchmark]
    public void Dump() =>
        Start("visualizer.dll", "dump", At("models", "lenet.onnx"), At("docs", "boot.png"), "--out", _folder, "--quiet");

    private static string At(params ReadOnlySpan<string> parts) => Path.Combine([Tests.Support.Repository.Root, .. parts]);

    private static void Start(string program, params ReadOnlySpan<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}
