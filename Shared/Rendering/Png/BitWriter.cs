using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnOnnx.Rendering;

/// <summary>Writes bits one after another, from the lowest of a byte to its highest, as deflate wants them (RFC 1951, 3.1.1).</summary>
/// <param name="stream">Receives the bytes; stays open.</param>
internal sealed class BitWriter(Stream stream) : IDisposable
{
    private const int BufferSize = 1 << 15;

    // A write stores eight bytes, whatever it counts.
    private const int Full = BufferSize - sizeof(ulong);

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private ulong _bits;
    private int _count;
    private int _length;

    /// <param name="bits">None is set above the count.</param>
    /// <param name="count">56 at most.</param>
    public void Write(ulong bits, int count)
    {
        _bits |= bits << _count;
        _count += count;
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(_length), _bits);
        _length += _count >> 3;
        _bits >>= _count & ~7;
        _count &= 7;
        if (_length > Full)
            Flush();
    }

    public void Write(CodeWord word) => Write(word.Bits, word.Count);

    /// <summary>The word of each symbol.</summary>
    /// <param name="symbols">Indices of words.</param>
    /// <param name="words">Words of at most 28 bits each.</param>
    public void Write(ReadOnlySpan<ushort> symbols, ReadOnlySpan<CodeWord> words)
    {
        while (!symbols.IsEmpty)
        {
            if (_length > Full / 2)
                Flush();
            ReadOnlySpan<ushort> part = symbols[..Math.Min(symbols.Length, (Full - _length) / sizeof(uint))];
            WriteFitting(part, words);
            symbols = symbols[part.Length..];
        }
    }

    /// <summary>Zeros up to the next whole byte; then everything is in the stream.</summary>
    public void Finish()
    {
        Write(0, -_count & 7);
        Flush();
    }

    // Given back twice, the pool would lend it to two pictures at once; an empty array it does not keep.
    public void Dispose() => ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _buffer, []));

    // State in locals, which stay in registers; two words at a time, which fit into what is left of 64 bits. They are put together
    // before they meet what is there: only that has to wait for the words before.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteFitting(ReadOnlySpan<ushort> symbols, ReadOnlySpan<CodeWord> words)
    {
        (ulong bits, int count) = (_bits, _count);
        ref byte start = ref MemoryMarshal.GetArrayDataReference(_buffer);
        ref byte at = ref Unsafe.Add(ref start, _length);
        foreach (uint pair in MemoryMarshal.Cast<ushort, uint>(symbols))
        {
            CodeWord first = words[(ushort)pair], second = words[(int)(pair >> 16)];
            bits |= (first.Bits | (ulong)second.Bits << first.Count) << count;
            count += first.Count + second.Count;
            Unsafe.WriteUnaligned(ref at, bits);
            at = ref Unsafe.Add(ref at, count >> 3);
            bits >>= count & ~7;
            count &= 7;
        }

        (_bits, _count, _length) = (bits, count, (int)Unsafe.ByteOffset(ref start, ref at));
        if (symbols.Length % 2 == 1)
            Write(words[symbols[^1]]);
    }

    private void Flush()
    {
        stream.Write(_buffer, 0, _length);
        _length = 0;
    }
}
