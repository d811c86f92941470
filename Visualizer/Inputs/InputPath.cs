using System.Globalization;

namespace CnnOnnx.Visualizer.Inputs;

/// <summary>One thing that a command line means.</summary>
/// <param name="Path">A file, or camera:N.</param>
/// <param name="Name">For the folder of its results: the file's path below the folder that was given, without its ending.</param>
internal sealed record InputPath(string Path, string Name)
{
    public const string CameraPrefix = "camera:";

    private static readonly string[] VideoEndings = [".mp4", ".avi", ".mkv", ".mov", ".webm", ".mpg", ".mpeg", ".m4v", ".wmv"];

    /// <summary>Index of the camera; null for a file.</summary>
    public int? Camera { get; } = CameraOf(Path);

    public bool IsVideo => Camera is not null || VideoEndings.Contains(System.IO.Path.GetExtension(Path), StringComparer.OrdinalIgnoreCase);

    public static bool IsCamera(string text) => CameraOf(text) is not null;

    /// <summary>Index of the camera that a text means; null for anything else.</summary>
    public static int? CameraOf(string text) => text.StartsWith(CameraPrefix, StringComparison.OrdinalIgnoreCase)
        && int.TryParse(text.AsSpan(CameraPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;
}
