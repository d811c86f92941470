using System.Diagnostics;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.House;

/// <summary>Starts the scripts that pack for a machine with a GPU and run there.</summary>
internal static class GpuScripts
{
    public static void OnLinux()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("Skipped: the script is for Linux.");
    }

    public static string PathOf(string name) => Path.Combine(Repository.Root, "build", name);

    /// <summary>Makes parts as pack-gpu.sh does, of a program of its own in place of visualizer. Returns their folder.</summary>
    public static string Pack(TemporaryFolder folder, string program)
    {
        File.WriteAllText(folder.File("program.sh"), program);
        Must("bash", "-c", $"""
            set -e
            cd '{folder.Path}'
            mkdir -p native/libs native/std program/bin program/models program/build parts
            touch native/libx.so program/models/good.onnx program/models/bad.onnx program/models/cat.jpg
            cp program.sh program/bin/visualizer
            chmod +x program/bin/visualizer
            rm -f parts/*
            tar -c native | xz | split -b 100 -d - parts/native.tar.xz.
            tar -c program | xz | split -b 100 -d - parts/program.tar.xz.
            (cd parts && sha256sum *.xz.* > SHA256SUMS)
            rm -r native program
            """);
        return folder.File("parts");
    }

    /// <summary>Runs run-gpu.sh on the CPU and without Python, into the folder out of a folder.</summary>
    public static (int Code, string Output, string Error) Run(TemporaryFolder folder, string parts, params string[] options) =>
        Start("bash", [PathOf("run-gpu.sh"), parts, folder.File("out"),
            "--work", folder.File("work"), "--device", "cpu", "--python", "none", .. options]);

    public static (int Code, string Output, string Error) Script(string name, params string[] arguments) =>
        Start("dotnet", ["run", PathOf(name), "--", .. arguments]);

    public static void Must(string program, params string[] arguments)
    {
        (int code, string output, string error) = Start(program, arguments);
        Assert.AreEqual(0, code, output + error);
    }

    public static (int Code, string Output, string Error) Start(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
