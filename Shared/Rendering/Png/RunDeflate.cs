using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CnnOnnx.Rendering;

/// <summary>
/// Compresses into a zlib stream (RFC 1950 and 1951): repetitions of a byte, then Huffman's code. It looks for nothing else, so it
/// is several times faster than a compressor that does, and a picture of maps has little else: see docs/benchmarks.md.
/// </summary>
/// <param name="zlib">Receives the compressed bytes; stays open.</param>
internal sealed class RunDeflate(Stream zlib) : IDisposable
{
    // A code for so many symbols: its description is small beside them, and they fit into a processor's cache.
    private const int BlockSymbols = 1 << 17;

    private ushort[] _symbols = ArrayPool<ushort>.Shared.Rent(BlockSymbols);
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

    /// <summary>Writes the same byte many times, nearly as fast as once.</summary>
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
        ArrayPool<ushort>.Shared.Return(Interlocked.Exchange(ref _symbols, []));
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

/// <summary>
/// The checksum of a zlib stream (RFC 1950, chapter 8): the sum of all bytes, and the sum of what that sum was after each of them,
/// both modulo 65,521.
/// </summary>
internal struct Adler32()
{
    private const uint Modulus = 65_521;

    // So many bytes can be summed before the second sum leaves 32 bits.
    private const int MostAtOnce = 5_552 / 32 * 32;

    private uint _sum = 1;
    private uint _sumOfSums;

    public readonly uint Value => _sumOfSums << 16 | _sum;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> part = bytes[..Math.Min(bytes.Length, MostAtOnce)];
            bytes = bytes[part.Length..];
            int vectors = part.Length / Vector256<byte>.Count;
            Append(MemoryMarshal.Cast<byte, Vector256<byte>>(part)[..vectors], ref _sum, ref _sumOfSums);
            foreach (byte value in part[(vectors * Vector256<byte>.Count)..])
                _sumOfSums += _sum += value;
            _sum %= Modulus;
            _sumOfSums %= Modulus;
        }
    }

    /// <summary>Adds the same byte many times, without reading it as often.</summary>
    public void Append(byte value, int count)
    {
        ulong n = (ulong)count;
        _sumOfSums = (uint)((_sumOfSums + n * _sum + value * (n * (n + 1) / 2 % Modulus)) % Modulus);
        _sum = (uint)((_sum + n * value) % Modulus);
    }

    // With s for the sum before a vector and n for its length, its bytes d add n·s + Σ (n − i) · d[i] to the sum of sums.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Append(ReadOnlySpan<Vector256<byte>> vectors, ref uint sum, ref uint sumOfSums)
    {
        Vector256<ushort> nearest = Vector256.CreateSequence<ushort>(16, unchecked((ushort)-1));
        Vector256<ushort> farthest = nearest + Vector256.Create((ushort)16);
        Vector256<uint> sums = Vector256.CreateScalar(sum), before = Vector256<uint>.Zero, weighted = Vector256<uint>.Zero;
        foreach (Vector256<byte> bytes in vectors)
        {
            before += sums;
            (Vector256<ushort> first, Vector256<ushort> second) = Vector256.Widen(bytes);
            sums += Pairs(first + second);
            weighted += Pairs(first * farthest + second * nearest);
        }

        sumOfSums += Vector256.Sum(before) * (uint)Vector256<byte>.Count + Vector256.Sum(weighted);
        sum = Vector256.Sum(sums);
    }

    // Neighbours added: no sum of two here leaves 16 bits, 255 · (32 + 16) twice is below 2^16.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Pairs(Vector256<ushort> values) =>
        (values.AsUInt32() & Vector256.Create(0xffffu)) + (values.AsUInt32() >>> 16);
}
