using System.Diagnostics;
using System.Text.Json;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.House;

/// <summary>Which native packages each choice of accelerator and operating system asks for; nothing is downloaded.</summary>
[TestClass]
public sealed class NativePackagesTests
{
    [TestMethod]
    [DataRow("Trainer", "cpu", "linux", "Microsoft.ML.OnnxRuntime OpenCvSharp4.official.runtime.linux-x64 libtorch-cpu-linux-x64")]
    [DataRow("Trainer", "cpu", "win", "Microsoft.ML.OnnxRuntime OpenCvSharp4.runtime.win libtorch-cpu-win-x64")]
    [DataRow("Trainer", "cuda", "linux", "Microsoft.ML.OnnxRuntime.Gpu OpenCvSharp4.official.runtime.linux-x64 TorchSharp-cuda-linux")]
    [DataRow("Trainer", "cuda", "win", "Microsoft.ML.OnnxRuntime.Gpu OpenCvSharp4.runtime.win TorchSharp-cuda-windows")]
    [DataRow("Visualizer", "cpu", "linux", "Microsoft.ML.OnnxRuntime OpenCvSharp4.official.runtime.linux-x64")]
    [DataRow("Visualizer", "cuda", "win", "Microsoft.ML.OnnxRuntime.Gpu OpenCvSharp4.runtime.win")]
    public void PackageReference_OfEachChoice_NamesTheRightPackages(string project, string accelerator, string os, string expected)
    {
        Assert.AreEqual(expected, Chosen(Msbuild(project, $"-p:Accelerator={accelerator}", $"-p:NativeOs={os}")));
    }

    // A tool has a package for each system: it carries that system's native code, whichever machine it is packed on.
    [TestMethod]
    [DataRow("Visualizer", "linux-x64", "Microsoft.ML.OnnxRuntime OpenCvSharp4.official.runtime.linux-x64")]
    [DataRow("Visualizer", "win-x64", "Microsoft.ML.OnnxRuntime OpenCvSharp4.runtime.win")]
    [DataRow("Trainer", "win-x64", "Microsoft.ML.OnnxRuntime OpenCvSharp4.runtime.win libtorch-cpu-win-x64")]
    public void PackageReference_OfARuntimeIdentifier_IsThatSystems(string project, string runtime, string expected) =>
        Assert.AreEqual(expected, Chosen(Msbuild(project, $"-p:RuntimeIdentifier={runtime}")));

    private static string Chosen(string json)
    {
        string[] native = ["libtorch", "TorchSharp-cuda", "Microsoft.ML.OnnxRuntime", "OpenCvSharp4.official", "OpenCvSharp4.runtime"];
        IEnumerable<string> chosen = JsonDocument.Parse(json).RootElement.GetProperty("Items").GetProperty("PackageReference")
            .EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!)
            .Where(name => native.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
        return string.Join(' ', chosen.Order(StringComparer.Ordinal));
    }

    private static string Msbuild(string project, params string[] properties)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet",
            ["msbuild", Path.Combine(Repository.Root, project, project + ".csproj"), "-getItem:PackageReference", .. properties])
        {
            RedirectStandardOutput = true,
        })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, output);
        return output;
    }
}
