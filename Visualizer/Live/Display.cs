using System.Runtime.InteropServices;

namespace CnnOnnx.Visualizer.Live;

/// <summary>
/// Whether a window can be shown. OpenCV's Linux build draws with GTK 3, which ends the process when it finds no display,
/// so GTK is asked first, in the one way in which it answers instead.
/// </summary>
internal static partial class Display
{
    private const string Gtk = "libgtk-3.so.0";

    /// <summary>Why not; null when a window can be shown.</summary>
    public static string? Problem()
    {
        if (OperatingSystem.IsWindows())
            return Environment.UserInteractive ? null : "this is not an interactive session: there is no desktop to show a window on";
        if (!OperatingSystem.IsLinux())
            return null;
        return Missing(Environment.GetEnvironmentVariable("DISPLAY"), Environment.GetEnvironmentVariable("WAYLAND_DISPLAY")) ?? AskGtk();
    }

    /// <summary>From the two variables that name a display under Linux.</summary>
    internal static string? Missing(string? x11, string? wayland) => string.IsNullOrEmpty(x11) && string.IsNullOrEmpty(wayland)
        ? "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set); run it on a desktop, over ssh -X, or under xvfb-run"
        : null;

    private static string? AskGtk()
    {
        try
        {
            // As OpenCV does: numbers in files must not depend on the user's language.
            GtkDisableSetlocale();
            return GtkInitCheck(0, 0) ? null : $"the display '{Environment.GetEnvironmentVariable("DISPLAY")}' cannot be opened";
        }
        catch (DllNotFoundException)
        {
            return $"GTK 3 ({Gtk}) is not installed";
        }
    }

    [LibraryImport(Gtk, EntryPoint = "gtk_disable_setlocale")]
    private static partial void GtkDisableSetlocale();

    [LibraryImport(Gtk, EntryPoint = "gtk_init_check")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GtkInitCheck(nint argc, nint argv);
}
