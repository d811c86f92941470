using System.Globalization;

namespace CnnOnnx.Inputs;

/// <summary>Input that is still to be read: a file, or a frame of a video.</summary>
public sealed class InputItem
{
    private readonly Func<ModelInput> _open;

    /// <summary>Names an input that somebody else knows how to read.</summary>
    /// <param name="path">The input, for people; messages start with it.</param>
    /// <param name="name">Name for its results; may have slashes.</param>
    /// <param name="identity">A text that changes when the input does.</param>
    /// <param name="open">Reads the input; throws <see cref="BadInputException"/> when it cannot.</param>
    public InputItem(string path, string name, string identity, Func<ModelInput> open) =>
        (Path, Name, Identity, _open) = (path, name, identity, open);

    /// <summary>The input as it was given, for people: a file, or a video with the number of the frame, such as clip.mp4#20.</summary>
    public string Path { get; }

    /// <summary>Name for its results: the path below the folder that was given, without its ending. It may have slashes.</summary>
    public string Name { get; }

    /// <summary>Place, length and time of the file, and the number of the frame: changes when the input does.</summary>
    public string Identity { get; }

    /// <summary>
    /// The input in results over many inputs: the path below the folder that was given, the same wherever that folder lies.
    /// </summary>
    internal string Label { get => field ?? System.IO.Path.GetFileName(Path); init; }

    /// <summary>
    /// Reads and decodes it. A frame of a video can be read only until the next item is asked for. The caller disposes the input.
    /// </summary>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public ModelInput Open() => _open();

    /// <summary>True for a file, which can be read at any time; a frame of a video cannot.</summary>
    internal bool IsLasting { get; init; }

    internal static InputItem OfFile(InputPath path) =>
        new(path.Path, path.Name, IdentityOf(path.Path), () => ModelInput.Read(path.Path))
        {
            Label = path.Name.Replace('\\', '/') + System.IO.Path.GetExtension(path.Path),
            IsLasting = true,
        };

    /// <summary>Place, length and time of a file.</summary>
    internal static string IdentityOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists
            ? string.Create(CultureInfo.InvariantCulture, $"{file.FullName}|{file.Length}|{file.LastWriteTimeUtc.Ticks}")
            : file.FullName;
    }
}
