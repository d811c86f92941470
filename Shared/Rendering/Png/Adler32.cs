using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CnnOnnx.Rendering.Png;

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

    /// <summary>The same byte many times, without reading it as often.</summary>
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
        Vector256<ushort> nearest = Vector256.CreateSequence<ushort>(16, unchecked((ushort)-1)), farthest = nearest + Vector256.Create((ushort)16);
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
