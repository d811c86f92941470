using Microsoft.Win32.SafeHandles;

namespace CnnOnnx.Formats;

/// <summary>Bytes that can be read at any place, of a file or of memory. Every length is checked against what there is.</summary>
internal sealed class ByteSource : IDisposable
{
    private readonly SafeFileHandle? _file;
    private readonly ReadOnlyMemory<byte> _memory;

    private ByteSource(string name, SafeFileHandle? file, ReadOnlyMemory<byte> memory, long length) =>
        (Name, _file, _memory, Length) = (name, file, memory, length);

    /// <summary>Path of the file, or path and place, for messages.</summary>
    public string Name { get; }

    /// <summary>Number of bytes.</summary>
    public long Length { get; }

    /// <summary>Opens a file. The caller disposes it.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static ByteSource Open(string path)
    {
        if (Directory.Exists(path))
            throw new BadInputException($"{path}: is a folder, expected a file of weights");
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path);
            var source = new ByteSource(path, file, default, RandomAccess.GetLength(file));
            file = null;
            return source;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException($"{path}: does not exist", path, fault);
        }
        // The last is what .NET says of a pipe or a device, which has no length.
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new BadInputException($"{path}: cannot be read: {fault.Message}", fault);
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Wraps bytes in memory.</summary>
    public static ByteSource Of(string name, ReadOnlyMemory<byte> bytes) => new(name, null, bytes, bytes.Length);

    /// <summary>Reads bytes.</summary>
    /// <param name="offset">Place of the first byte.</param>
    /// <param name="bytes">Filled.</param>
    /// <exception cref="BadInputException">There are not as many.</exception>
    public void Read(long offset, Span<byte> bytes)
    {
        Require(offset, bytes.Length);
        if (_file is null)
        {
            _memory.Span.Slice((int)offset, bytes.Length).CopyTo(bytes);
            return;
        }

        try
        {
            while (!bytes.IsEmpty)
            {
                int read = RandomAccess.Read(_file, bytes, offset);
                if (read == 0)
                    throw new BadInputException($"{Name}: ends at byte {offset}, expected {bytes.Length} bytes there; the file is cut off");
                bytes = bytes[read..];
                offset += read;
            }
        }
        catch (IOException fault)
        {
            throw new BadInputException($"{Name}: cannot be read at byte {offset}: {fault.Message}", fault);
        }
    }

    /// <summary>Reads bytes into a new array, which is made after the length has been checked.</summary>
    /// <inheritdoc cref="Read(long, Span{byte})"/>
    public byte[] Read(long offset, long count)
    {
        Require(offset, count);
        if (count > Array.MaxLength)
            throw new BadInputException($"{Name}: has {count} bytes in one piece at byte {offset}, expected at most {Array.MaxLength}");
        byte[] bytes = new byte[count];
        Read(offset, bytes.AsSpan());
        return bytes;
    }

    public void Dispose() => _file?.Dispose();

    private void Require(long offset, long count)
    {
        if (offset < 0 || count < 0 || offset > Length || count > Length - offset)
            throw new BadInputException($"{Name}: asks for {count} bytes at byte {offset}, but ends after {Length}; the file is cut off "
                + "or damaged");
    }
}
