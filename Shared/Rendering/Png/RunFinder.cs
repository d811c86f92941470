using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CnnOnnx.Rendering;

/// <summary>Turns bytes into <see cref="DeflateSymbols"/>.</summary>
internal static class RunFinder
{
    /// <param name="bytes">Repetitions of what came before them are not looked for.</param>
    /// <param name="symbols">Room for at least as many as there are bytes.</param>
    /// <returns>Symbols.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Find(ReadOnlySpan<byte> bytes, Span<ushort> symbols)
    {
        if (bytes.IsEmpty)
            return 0;
        ref byte source = ref MemoryMarshal.GetReference(bytes);
        ref ushort target = ref MemoryMarshal.GetReference(symbols[..bytes.Length]);
        target = source;
        int count = 1, at = 1;
        while (at + Vector256<byte>.Count <= bytes.Length)
        {
            var here = Vector256.LoadUnsafe(ref source, (nuint)at);
            uint equal = Vector256.Equals(here, Vector256.LoadUnsafe(ref source, (nuint)at - 1)).ExtractMostSignificantBits();
            // Taken for single bytes at first; what turns out to be a run is written over.
            (Vector256<ushort> first, Vector256<ushort> second) = Vector256.Widen(here);
            first.StoreUnsafe(ref target, (nuint)count);
            second.StoreUnsafe(ref target, (nuint)(count + Vector256<ushort>.Count));
            uint longEnough = equal & equal >> 1 & equal >> 2;
            if (longEnough == 0)
            {
                (count, at) = (count + Vector256<byte>.Count, at + Vector256<byte>.Count);
                continue;
            }

            int single = BitOperations.TrailingZeroCount(longEnough);
            (count, at) = (count + single, at + single);
            int repeated = BitOperations.TrailingZeroCount(~(equal >> single));
            if (single + repeated == Vector256<byte>.Count)
                repeated += Further(bytes[(at + repeated)..], bytes[at]);
            count += Repeat(bytes[at], repeated, symbols[count..]);
            at += repeated;
        }

        while (at < bytes.Length)
        {
            int repeated = Further(bytes[at..], bytes[at - 1]);
            count += Repeat(bytes[at - 1], repeated, symbols[count..]);
            at += repeated;
            if (at < bytes.Length)
                symbols[count++] = bytes[at++];
        }

        return count;
    }

    /// <summary>A byte that follows on an equal one, so many times; too few to be a repetition stand alone.</summary>
    /// <returns>Symbols.</returns>
    public static int Repeat(byte value, int times, Span<ushort> symbols)
    {
        int count = 0;
        for (; times >= DeflateSymbols.Shortest; times -= DeflateSymbols.Longest)
            symbols[count++] = DeflateSymbols.Repeat(Math.Min(times, DeflateSymbols.Longest));
        for (; times > 0; times--)
            symbols[count++] = value;
        return count;
    }

    private static int Further(ReadOnlySpan<byte> bytes, byte value)
    {
        int other = bytes.IndexOfAnyExcept(value);
        return other < 0 ? bytes.Length : other;
    }
}
