namespace CnnOnnx.Files;

/// <summary>A file in the making, beside its place. It gets there when it is committed; without that nothing is left of it.</summary>
internal sealed class PendingFile : IDisposable
{
    public const string Ending = ".part";

    // For small writes. What is written a lot at a time goes past it, and a buffer for every file costs, too.
    private const int BufferSize = 1 << 13;

    // Unique among all processes, also on other machines, that write into one folder.
    private static readonly string Process = Guid.NewGuid().ToString("N")[..16];

    private static int _count;

    /// <summary>Tells by its name whether a file is in the making in this process, and not what is left of one that was killed.</summary>
    public static bool IsInTheMaking(string path) => Path.GetFileName(path.AsSpan()).StartsWith($".{Process}", StringComparison.Ordinal);

    private readonly string _path;
    private readonly string _beside;
    private readonly FileStream _stream;
    private OutputFolder? _made;
    private bool _isCommitted;

    /// <exception cref="BadInputException">The place cannot be written: a file in the way, no right, no room.</exception>
    public PendingFile(string path)
    {
        if (Directory.Exists(path))
            throw new BadInputException($"{path}: is a folder, expected a place for a file");
        if (IsDevice(Path.GetFullPath(path)))
            throw new BadInputException($"{path}: lies among the devices, expected a place for a file");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        _path = path;
        // The dot hides it from folder listings and globs.
        _beside = Path.Combine(folder, $".{Process}{Interlocked.Increment(ref _count):x}{Ending}");
        _stream = Guarded(() => Open(folder));
    }

    /// <exception cref="BadInputException">No room, or the folder is gone.</exception>
    public void Write(Action<Stream> write) => Guarded(() =>
    {
        write(_stream);
        return true;
    });

    /// <inheritdoc cref="Write(Action{Stream})"/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Write(bytes);
        }
        catch (Exception fault) when (IsOfTheDisk(fault))
        {
            throw Unwritable(fault);
        }
    }

    /// <summary>Puts the file into its place, over one that is there.</summary>
    /// <exception cref="BadInputException">No room, or the folder is gone.</exception>
    public void Commit() => Guarded(() =>
    {
        _stream.Dispose();
        File.Move(_beside, _path, overwrite: true);
        _isCommitted = true;
        return true;
    });

    public void Dispose()
    {
        // A dump has thousands of files, and each question to the disk takes its time.
        if (_isCommitted)
            return;
        try
        {
            _stream.Dispose();
        }
        catch (Exception fault) when (IsOfTheDisk(fault))
        {
            // What is still in the buffer does not fit either; the file goes away.
        }

        if (File.Exists(_beside))
            File.Delete(_beside);
        _made?.Dispose();
    }

    // Who may do everything, such as a container's only user, would rename a file over it: /dev/null is there for all programs.
    // .NET does not tell devices from files, and nothing but devices stands directly in these folders.
    private static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows() && Path.GetDirectoryName(path) is "/dev" or "/dev/fd" or "/dev/pts";

    // Most files go into a folder that is there; asking first would take as long as opening.
    private FileStream Open(string folder)
    {
        try
        {
            return New();
        }
        catch (Exception fault) when (fault is DirectoryNotFoundException or FileNotFoundException)
        {
            // The second, when another thread has made the folder in between.
            _made = new OutputFolder(folder);
            _made.Complete();
            return New();
        }

        // Nobody else knows its name: shared, it need not be locked.
        FileStream New() => new(_beside, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite, BufferSize);
    }

    // The last is what .NET says of a file that is larger than its file system or its limit allows.
    private static bool IsOfTheDisk(Exception fault) =>
        fault is IOException or UnauthorizedAccessException
            or ArgumentOutOfRangeException { ParamName: "value", TargetSite.DeclaringType.Namespace: "System.IO" };

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception fault) when (IsOfTheDisk(fault))
        {
            throw Unwritable(fault);
        }
    }

    // The system names the file in the making, which nobody knows and which is gone by then.
    private BadInputException Unwritable(Exception fault) =>
        new($"{_path}: cannot be written: {fault.Message.Replace(_beside, _path, StringComparison.Ordinal)}", fault);
}
