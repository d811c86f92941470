using System.ComponentModel;
using System.Diagnostics;

namespace CnnOnnx.Cli;

/// <summary>The desktop that a program was started from, where there is one.</summary>
internal static class Desktop
{
    private static readonly string[] Displays = ["DISPLAY", "WAYLAND_DISPLAY"];

    /// <summary>Opens a file as a double click would.</summary>
    /// <param name="path">Path of the file.</param>
    /// <returns>Null when it is opened; else why not, as the end of a sentence.</returns>
    public static string? Open(string path)
    {
        if (!OperatingSystem.IsWindows() && !OperatingSystem.IsMacOS() && Array.TrueForAll(Displays, IsUnset))
            return "there is no desktop here";
        try
        {
            using Process? viewer = Process.Start(Starter(Path.GetFullPath(path)));
            return null;
        }
        catch (Exception fault) when (fault is Win32Exception or FileNotFoundException)
        {
            return OperatingSystem.IsWindows() ? "no program shows such files" : "there is no xdg-open (package xdg-utils)";
        }
    }

    // What the viewer has to tell is nobody's business here.
    private static ProcessStartInfo Starter(string path) => OperatingSystem.IsWindows()
        ? new ProcessStartInfo(path) { UseShellExecute = true }
        : new ProcessStartInfo(OperatingSystem.IsMacOS() ? "open" : "xdg-open", [path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

    private static bool IsUnset(string variable) => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
}
