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

    private NpzReader(string path)
    {
        _where = path;
        _zip = ZipFile.OpenRead(path);
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

    /// <summary>In the order of the archive.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <exception cref="BadInputException">No file, or not an archive.</exception>
    public static NpzReader Open(string path)
    {
        try
        {
            return new NpzReader(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new BadInputException($"{path}: cannot be read as a NumPy archive (.npz): {fault.Message}", fault);
        }
    }

    /// <exception cref="BadInputException">No such key, or what it holds is damaged.</exception>
    public TensorData Read(string key)
    {
        if (!_entries.TryGetValue(key, out ZipArchiveEntry? entry))
            throw new BadInputException($"{_where}: has no tensor '{key}'; it has {string.Join(", ", Keys.Take(8))}{(Keys.Count > 8 ? ", ..." : "")}");
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

    public void Dispose() => _zip.Dispose();
}
