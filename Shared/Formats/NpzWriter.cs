using System.IO.Compression;
using System.Runtime.InteropServices;
using CnnOnnx.Tensors;

namespace CnnOnnx.Formats;

/// <summary>
/// Writes tensors into a NumPy archive (.npz) one after another, without keeping them: a zip of array files whose names are
/// the keys, unchanged, slashes and all. Beyond 4 GB the zip is a zip64 by itself.
/// </summary>
public sealed class NpzWriter : IDisposable
{
    // What NumPy itself writes: the same tensors give the same file.
    private static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly ZipArchive _zip;
    private readonly CompressionLevel _level;

    /// <summary>Begins an archive in a stream.</summary>
    /// <param name="stream">Not closed; the archive is whole when the writer is disposed.</param>
    /// <param name="compress">Deflate instead of storing: smaller and slower.</param>
    public NpzWriter(Stream stream, bool compress = false)
    {
        _zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        _level = compress ? CompressionLevel.Fastest : CompressionLevel.NoCompression;
    }

    /// <summary>Adds a tensor under a key that the archive does not have yet.</summary>
    /// <param name="key">Name, such as that of an ONNX tensor; each only once.</param>
    /// <param name="tensor">Tensor of a type that <see cref="NpyFile.CanWrite"/> knows.</param>
    /// <exception cref="BadInputException">NumPy has no such element type.</exception>
    /// <exception cref="ArgumentException">The archive has the key already.</exception>
    public void Add(string key, TensorData tensor) => Add(key, tensor.Type, tensor.Shape, tensor.Bytes.Span);

    /// <summary>Adds a tensor of float32 values.</summary>
    /// <param name="key">Name, such as that of an ONNX tensor; each only once.</param>
    /// <param name="values">All values, row-major: the last axis fastest.</param>
    /// <param name="shape">Sizes of the axes.</param>
    /// <exception cref="ArgumentException">Not as many values as the shape asks for, or a key that the archive has already.</exception>
    public void Add(string key, ReadOnlySpan<float> values, TensorShape shape) =>
        Add(key, ElementType.Float, shape, MemoryMarshal.AsBytes(values));

    /// <summary>Adds a tensor of any type that NumPy has, and of bfloat16, which becomes float32.</summary>
    /// <param name="key">Name, such as that of an ONNX tensor; each only once.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="shape">Sizes of the axes.</param>
    /// <param name="bytes">Dense, row-major, little endian.</param>
    /// <exception cref="BadInputException">NumPy has no such element type.</exception>
    /// <exception cref="ArgumentException">Not as many bytes as the shape asks for, or a key that the archive has already.</exception>
    public void Add(string key, ElementType type, TensorShape shape, ReadOnlySpan<byte> bytes)
    {
        if (!NpyFile.CanWrite(type))
            throw new BadInputException($"{key}: NumPy has no element type {type.DisplayName()}");
        if (!_keys.Add(key))
            throw new ArgumentException($"The archive already has a tensor '{key}'.");
        ZipArchiveEntry entry = _zip.CreateEntry(key + ".npy", _level);
        entry.LastWriteTime = Epoch;
        using Stream file = entry.Open();
        NpyFile.Write(file, type, shape, bytes);
    }

    /// <summary>Completes the archive; the stream stays open.</summary>
    public void Dispose() => _zip.Dispose();
}
