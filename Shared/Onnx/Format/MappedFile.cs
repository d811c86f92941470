using System.IO.MemoryMappedFiles;

namespace CnnOnnx.Onnx;

/// <summary>The bytes of an ONNX file without reading them into managed memory.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly int _length;

    /// <exception cref="OnnxException">Empty, or larger than a protobuf message can be.</exception>
    public MappedFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length == 0)
            throw new OnnxException(path, "is empty (0 bytes), expected an ONNX model; copy or download it again");
        if (stream.Length > int.MaxValue)
            throw new OnnxException(path, ForeignFile.Describe(path)
                ?? $"has {stream.Length} bytes; one ONNX file holds at most 2 GB, larger models keep their weights beside it");
        _length = (int)stream.Length;
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>Valid until the file is disposed.</summary>
    public ReadOnlySpan<byte> Bytes => new(_start, _length);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
