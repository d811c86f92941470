using System.IO.Compression;
using CnnOnnx.Tensors;

namespace CnnOnnx.Formats;

/// <summary>Reads tensors from a NumPy archive (.npz), each when it is asked for.</summary>
public sealed class NpzReader : IDisposable
{
    private const string Ending = ".npy";

    private readonly string _where;
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);

    private NpzReader(string where, ZipArchive zip)
    {
        (_where, _zip) = (where, zip);
        try
        {
            foreach (ZipArchiveEntry entry in _zip.Entries)
                if (entry.FullName.EndsWith(Ending, StringComparison.Ordinal))
                    _entries[entry.FullName[..^Ending.Length]] = entry;
        }
        catch
        {
            _zip.Dispose();
            throw;
        }

        Keys = [.. _entries.Keys];
    }

    /// <summary>Names of the tensors, in the order of the archive.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>Opens an archive and lists what it holds. The caller disposes the reader.</summary>
    /// <param name="path">A .npz file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadInputException">Not an archive, or not readable.</exception>
    public static NpzReader Open(string path) => Open(path, () => ZipFile.OpenRead(path));

    /// <summary>Opens an archive in a stream and lists what it holds. The caller disposes the reader, and the stream after it.</summary>
    /// <param name="stream">A stream that can be read and sought; it has to stay open as long as the reader.</param>
    /// <param name="name">Name in messages.</param>
    /// <exception cref="BadInputException">Not an archive.</exception>
    public static NpzReader Open(Stream stream, string name = "stream") =>
        Open(name, () => new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true));

    /// <summary>Reads a tensor.</summary>
    /// <param name="key">One of <see cref="Keys"/>.</param>
    /// <exception cref="BadInputException">No such key, or what it holds is damaged.</exception>
    public TensorData Read(string key)
    {
        if (!_entries.TryGetValue(key, out ZipArchiveEntry? entry))
            throw new BadInputException(
                $"{_where}: has no tensor '{key}'; it has {string.Join(", ", Keys.Take(8))}{(Keys.Count > 8 ? ", ..." : "")}");
        try
        {
            using Stream file = entry.Open();
            return NpyFile.Read(file, $"{_where}: {key}", entry.Length);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException)
        {
            throw new BadInputException($"{_where}: {key}: {fault.Message}", fault);
        }
    }

    /// <summary>Closes the archive.</summary>
    public void Dispose() => _zip.Dispose();

    private static NpzReader Open(string where, Func<ZipArchive> open)
    {
        try
        {
            return new NpzReader(where, open());
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException($"{where}: does not exist", where, fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new BadInputException($"{where}: cannot be read as a NumPy archive (.npz): {fault.Message}", fault);
        }
    }
}
