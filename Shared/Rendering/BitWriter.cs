using System.Buffers;
using System.Buffers.Binary;

namespace CnnOnnx.Rendering;

/// <summary>Bits into bytes as deflate wants them: the first one is the lowest of the first byte (RFC 1951, 3.1.1).</summary>
internal sealed class BitWriter : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(1 << 16);
    private int _length;
    private ulong _waiting;
    private int _count;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Makes room, so that <see cref="Put"/> does not have to look.</summary>
    public void Reserve(int bytes)
    {
        if (_bytes.Length - _length >= bytes)
            return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + bytes, 2 * _bytes.Length));
        Bytes.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }

    /// <param name="bits">The first one lowest; nothing above <paramref name="count"/>.</param>
    /// <param name="count">0 to 32. Room for 8 bytes has to be reserved.</param>
    public void Put(uint bits, int count)
    {
        _waiting |= (ulong)bits << _count;
        _count += count;
        if (_count < 32)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(_length), (uint)_waiting);
        _length += sizeof(uint);
        _waiting >>= 32;
        _count -= 32;
    }

    /// <summary>Fills up to a whole byte.</summary>
    public void Align()
    {
        Reserve(sizeof(ulong));
        for (; _count > 0; _count -= 8)
        {
            _bytes[_length++] = (byte)_waiting;
            _waiting >>= 8;
        }

        _count = 0;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);
}
