using System.Globalization;

namespace CnnOnnx.Visualizer.Inputs;

/// <summary>One input that is still to be read.</summary>
/// <param name="Path">For people.</param>
/// <param name="Name">For the folder of its results.</param>
/// <param name="Identity">Changes when the file does.</param>
/// <param name="Open">Reads it; a video's only before the next one is asked for. The caller disposes the input.</param>
internal sealed record InputItem(string Path, string Name, string Identity, Func<DumpInput> Open)
{
    public static InputItem OfFile(InputPath path) => new(path.Path, path.Name, IdentityOf(path.Path), () => DumpInput.Read(path.Path));

    /// <summary>Place, length and time of a file.</summary>
    public static string IdentityOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists
            ? string.Create(CultureInfo.InvariantCulture, $"{file.FullName}|{file.Length}|{file.LastWriteTimeUtc.Ticks}")
            : file.FullName;
    }
}
