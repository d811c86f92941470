using System.Buffers;
using System.Buffers.Binary;

namespace CnnOnnx.Rendering.Png;

/// <summary>
/// Compresses into a zlib stream (RFC 1950 and 1951): repetitions of a byte, then Huffman's code. It looks for nothing else, so it
/// is several times faster than a compressor that does, and a picture of maps has little else: see docs/benchmarks.md.
/// </summary>
/// <param name="zlib">Not closed.</param>
internal sealed class RunDeflate(Stream zlib) : IDisposable
{
    // A code for so many symbols: its description is small beside them, and they fit into a processor's cache.
    private const int BlockSymbols = 1 << 17;

    private readonly ushort[] _symbols = ArrayPool<ushort>.Shared.Rent(BlockSymbols);
    private readonly BitWriter _writer = new(zlib);
    private Adler32 _checksum = new();
    private bool _isStarted;
    private int _count;

    // Deflate with a window of 32 KiB, compressed by the fastest method.
    private static ReadOnlySpan<byte> Header => [0x78, 0x01];

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _checksum.Append(bytes);
        for (int length; !bytes.IsEmpty; bytes = bytes[length..])
        {
            length = Math.Min(bytes.Length, BlockSymbols);
            Span<ushort> room = Room(length);
            _count += RunFinder.Find(bytes[..length], room);
        }
    }

    /// <summary>The same byte many times, nearly as fast as once.</summary>
    public void Write(byte value, int times)
    {
        if (times == 0)
            return;
        _checksum.Append(value, times);
        for (int length; times > 0; times -= length)
        {
            length = Math.Min(times, BlockSymbols);
            // Itself, its repetitions, and at most two that are too few for one.
            Span<ushort> room = Room(length / DeflateSymbols.Longest + DeflateSymbols.Shortest);
            room[0] = value;
            _count += 1 + RunFinder.Repeat(value, length - 1, room[1..]);
        }
    }

    /// <summary>Writes what is left, and the checksum.</summary>
    public void Finish()
    {
        WriteBlock(isLast: true);
        _writer.Finish();
        Span<byte> checksum = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, _checksum.Value);
        zlib.Write(checksum);
    }

    public void Dispose()
    {
        ArrayPool<ushort>.Shared.Return(_symbols);
        _writer.Dispose();
    }

    private Span<ushort> Room(int count)
    {
        if (_count + count > BlockSymbols)
            WriteBlock(isLast: false);
        return _symbols.AsSpan(_count, BlockSymbols - _count);
    }

    private void WriteBlock(bool isLast)
    {
        if (!_isStarted)
            zlib.Write(Header);
        _isStarted = true;
        DeflateBlock.Write(_symbols.AsSpan(0, _count), isLast, _writer);
        _count = 0;
    }
}
