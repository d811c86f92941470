using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;

namespace CnnOnnx.Rendering;

/// <summary>PNG of colour type 3: 8-bit indices into 256 colours. See the PNG specification (ISO 15948), chapters 5, 9 and 11.</summary>
internal static class PalettePng
{
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    /// <summary>
    /// Hands over the whole file, in memory that is used again: a file is written fastest at once, and as a span it cannot be kept
    /// beyond the call.
    /// </summary>
    /// <param name="pixels">Indices of the picture, at least one.</param>
    /// <param name="paletteBgr">3 · 256 bytes.</param>
    /// <param name="use">Gets the file.</param>
    /// <exception cref="ObjectDisposedException">The pixels' memory was given back.</exception>
    public static void Encode(Pixels pixels, ReadOnlySpan<byte> paletteBgr, Action<ReadOnlySpan<byte>> use)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(MaxLength(pixels));
        try
        {
            using var memory = new MemoryStream(rented);
            Write(memory, pixels, paletteBgr);
            use(rented.AsSpan(0, (int)memory.Position));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // Whatever is in the picture: deflate's fixed codes have nine bits at most.
    private static int MaxLength(Pixels pixels) => checked((int)((pixels.Width + 1L) * pixels.Height * 37 / 32)) + 4096;

    private static void Write(Stream stream, Pixels indices, ReadOnlySpan<byte> paletteBgr)
    {
        stream.Write(Signature);

        Span<byte> header =
            [0, 0, 0, 0, 0, 0, 0, 0, /* bits */ 8, /* palette */ 3, /* deflate */ 0, /* filters */ 0, /* not interlaced */ 0];
        BinaryPrimitives.WriteInt32BigEndian(header, indices.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], indices.Height);
        Chunk.Write(stream, "IHDR"u8, header);

        Span<byte> rgb = stackalloc byte[paletteBgr.Length];
        for (int i = 0; i < rgb.Length; i += 3)
            (rgb[i], rgb[i + 1], rgb[i + 2]) = (paletteBgr[i + 2], paletteBgr[i + 1], paletteBgr[i]);
        Chunk.Write(stream, "PLTE"u8, rgb);

        using (var data = new DataStream(stream))
            Compress(indices, data);
        Chunk.Write(stream, "IEND"u8, []);
    }

    // Maps are enlarged by repeating rows: those become zeros, of which the compressor is told the number alone.
    private static void Compress(Pixels pixels, Stream data)
    {
        using var deflate = new RunDeflate(data);
        RowFilter filter = RowFilter.For(pixels);
        byte[] rented = ArrayPool<byte>.Shared.Rent(1 + pixels.Width);
        Span<byte> line = rented.AsSpan(0, 1 + pixels.Width);
        line[0] = filter.Type;
        ReadOnlySpan<byte> above = [];
        for (int y = 0; y < pixels.Height; y++)
        {
            ReadOnlySpan<byte> row = pixels.Row(y);
            if (pixels.IsRepeat(y) || row.SequenceEqual(above))
            {
                deflate.Write(RowFilter.Above.Type, 1);
                deflate.Write(0, row.Length);
            }
            else
            {
                filter.Apply(row, above, line[1..]);
                deflate.Write(line);
            }

            above = row;
        }

        deflate.Finish();
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>A part of a PNG file: length, name, data, checksum of name and data.</summary>
    private static class Chunk
    {
        private const int NameLength = 4;

        public static void Write(Stream png, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
        {
            Span<byte> start = stackalloc byte[sizeof(int) + NameLength];
            BinaryPrimitives.WriteInt32BigEndian(start, data.Length);
            name.CopyTo(start[sizeof(int)..]);
            png.Write(start);
            png.Write(data);
            var checksum = new Crc32();
            checksum.Append(name);
            checksum.Append(data);
            Span<byte> end = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(end, checksum.GetCurrentHashAsUInt32());
            png.Write(end);
        }
    }

    /// <summary>Takes the compressed pixels of a PNG file and writes them as IDAT chunks, so that no picture is ever held whole.</summary>
    /// <param name="png">Receives the bytes; stays open.</param>
    private sealed class DataStream(Stream png) : Stream
    {
        private const int ChunkSize = 1 << 16;

        private byte[] _chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
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
                ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _chunk, []));
            }

            base.Dispose(disposing);
        }

        private void WriteChunk()
        {
            Chunk.Write(png, "IDAT"u8, _chunk.AsSpan(0, _filled));
            _filled = 0;
        }
    }
}
