using System.Diagnostics;

namespace CnnOnnx.Tests.Support;

/// <summary>The visualizer in a process of its own: for what happens to a process as a whole.</summary>
internal static class VisualizerProcess
{
    /// <summary>Where the program is.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "CnnOnnx.Visualizer.dll");

    /// <summary>Starts it. The caller reads what it writes, and disposes it.</summary>
    public static Process Start(params string[] args) => Start("dotnet", [Program, .. args]);

    /// <summary>Starts another program that starts this one.</summary>
    /// <param name="program">Its name or path.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="environment">What differs from this process's; null for a variable that is not to be there.</param>
    public static Process Start(string program, string[] args, params ReadOnlySpan<(string Name, string? Value)> environment)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string? value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Waits until something is so, the process ends, or two minutes are over.</summary>
    public static void WaitUntil(this Process process, Func<bool> isSo)
    {
        var watch = Stopwatch.StartNew();
        while (!isSo() && !process.HasExited && watch.Elapsed < TimeSpan.FromMinutes(2))
            Thread.Sleep(1);
    }

    /// <summary>Waits for the end: exit code and what it wrote.</summary>
    public static ProgramRun Finish(this Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return new ProgramRun(process.ExitCode, output.Result, error.Result);
    }
}
