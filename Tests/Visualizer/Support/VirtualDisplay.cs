using System.Diagnostics;

namespace CnnOnnx.Tests.Support;

/// <summary>An X server without a screen (Xvfb), and xdotool, which presses keys on it.</summary>
internal sealed class VirtualDisplay : IDisposable
{
    private readonly Process _server;
    private readonly string _name;

    private VirtualDisplay(Process server, string name) => (_server, _name) = (server, name);

    public static bool IsInstalled =>
        new[] { "Xvfb", "xdotool" }.All(program => ProgramPath.Folders.Any(folder => File.Exists(Path.Combine(folder, program))));

    /// <summary>The caller disposes it.</summary>
    public static VirtualDisplay Start()
    {
        // It chooses a free number and tells it on its output. Without -noreset it starts anew when its last client leaves, such as
        // a search that was too early, and refuses a program that comes just then.
        Process server =
            VisualizerProcess.Start("Xvfb", ["-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"]);
        return new VirtualDisplay(server, $":{server.StandardOutput.ReadLine()}");
    }

    /// <summary>Starts a program on it. The caller disposes it.</summary>
    public Process Start(string program, params string[] args) =>
        VisualizerProcess.Start(program, args, ("DISPLAY", _name), ("GDK_BACKEND", "x11"), ("WAYLAND_DISPLAY", null));

    /// <summary>Waits until a program has opened a window with that title.</summary>
    /// <returns>What xdotool calls it.</returns>
    public string WaitForWindow(Process program, string title)
    {
        string found = "";
        program.WaitUntil(() => (found = Ask("search", "--name", title).Trim()).Length > 0);
        return found.Split('\n')[^1];
    }

    /// <summary>Presses a key and gives the program a moment to answer.</summary>
    public void Press(string window, string key)
    {
        Ask("windowfocus", window);
        Ask("key", key);
        Thread.Sleep(800);
    }

    public void Dispose()
    {
        if (!_server.HasExited)
            _server.Kill();
        _server.WaitForExit();
    }

    private string Ask(params string[] args)
    {
        using Process asked = Start("xdotool", args);
        return asked.Finish().Output;
    }
}
