using System.Buffers;

namespace CnnOnnx.Rendering.Png;

/// <summary>Takes the compressed pixels of a PNG file and writes them as IDAT chunks, so that no picture is ever held whole.</summary>
/// <param name="png">Not closed.</param>
internal sealed class PngDataStream(Stream png) : Stream
{
    private const int ChunkSize = 1 << 16;

    private readonly byte[] _chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
    private int _filled;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            ReadOnlySpan<byte> part = buffer[..Math.Min(buffer.Length, ChunkSize - _filled)];
            part.CopyTo(_chunk.AsSpan(_filled));
            _filled += part.Length;
            buffer = buffer[part.Length..];
            if (_filled == ChunkSize)
                WriteChunk();
        }
    }

    // What is not yet a whole chunk waits for more.
    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (_filled > 0)
                WriteChunk();
            ArrayPool<byte>.Shared.Return(_chunk);
        }

        base.Dispose(disposing);
    }

    private void WriteChunk()
    {
        PngChunk.Write(png, "IDAT"u8, _chunk.AsSpan(0, _filled));
        _filled = 0;
    }
}
