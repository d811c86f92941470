using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace CnnOnnx.Torch.Training;

/// <summary>
/// Pictures of one size as bytes, one after the other. They lie in memory, or, when they would take more than a quarter of
/// it, in a scratch file that is mapped into memory and vanishes with the process.
/// </summary>
internal sealed unsafe class PictureStore : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private byte* _start;

    /// <param name="pictureBytes">Bytes of one picture: C·H·W.</param>
    public PictureStore(int count, int pictureBytes)
        : this(count, pictureBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4)
    {
    }

    /// <param name="mostInMemory">Number of bytes beyond which a scratch file is used.</param>
    public PictureStore(int count, int pictureBytes, long mostInMemory)
    {
        (Count, PictureBytes) = (count, pictureBytes);
        long bytes = (long)count * pictureBytes;
        if (bytes <= mostInMemory)
        {
            _start = (byte*)NativeMemory.Alloc((nuint)bytes);
            return;
        }

        string path = Path.Combine(Path.GetTempPath(), $"cnnonnx-{Guid.NewGuid():N}.pictures");
        try
        {
            var scratch = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose,
                PreallocationSize = bytes,
            });
            _file = MemoryMappedFile.CreateFromFile(
                scratch, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        }
        catch (IOException fault)
        {
            throw new BadInputException($"{path}: no room for {bytes:N0} bytes of decoded pictures: {fault.Message}", fault);
        }

        _view = _file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public int Count { get; }

    public int PictureBytes { get; }

    /// <summary>One picture's bytes, to read or to fill. Not valid after <see cref="Dispose"/>.</summary>
    public Span<byte> this[int index]
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start == null, this);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return new Span<byte>(_start + ((long)index * PictureBytes), PictureBytes);
        }
    }

    public void Dispose()
    {
        if (_view is null)
        {
            NativeMemory.Free(_start);
        }
        else
        {
            if (_start != null)
                _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file!.Dispose();
        }

        _start = null;
    }
}
