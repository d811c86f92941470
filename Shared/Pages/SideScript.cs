namespace CnnOnnx.Pages;

/// <summary>
/// Text that the page asks for when it needs it. A page that was opened from disk may load scripts from beside it, but no other
/// kind of data.
/// </summary>
internal static class SideScript
{
    /// <param name="folder">Folder of the report.</param>
    /// <param name="file">Path from that folder, with forward slashes.</param>
    /// <param name="text">Letters, digits, spaces, line ends and what base64 has.</param>
    public static void Write(string folder, string file, Html text) =>
        Html.Of($"arrived({new Html($"\"{file}\"")}, `{text}`);\n").WriteTo(Path.Combine(folder, file));
}
