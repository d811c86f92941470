using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CnnOnnx.Tensors;

namespace CnnOnnx.Statistics;

/// <summary>
/// Statistics of 8-bit numbers, without turning them into floats first: two to four times as fast. Sums are of whole numbers and
/// nothing is rounded before the division, as it is with floats of such size: the results are the same to the last bit. There are
/// 256 different ones, so all that asks for an order is in their counts.
/// </summary>
internal static class ByteStatistics
{
    // Vectors after which no narrow sum can have overflown: 2 · 255 · 128 is less than 2¹⁶.
    private const int Block = 128;

    // Take turns: a processor waits when it counts the same byte twice in a row, and zeros come in rows.
    private const int Tables = 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TensorStatistics Of(ReadOnlySpan<byte> bytes, ByteLevels levels)
    {
        byte first = bytes.IsEmpty ? (byte)0 : (byte)(bytes[0] ^ levels.Flip);
        ReadOnlySpan<Vector<byte>> vectors = MemoryMarshal.Cast<byte, Vector<byte>>(bytes);
        // The last few: a whole vector, filled up with the first one.
        Span<byte> last = stackalloc byte[Vector<byte>.Count];
        last.Fill((byte)(first ^ levels.Flip));
        int rest = bytes.Length - vectors.Length * Vector<byte>.Count, padding = rest == 0 ? 0 : Vector<byte>.Count - rest;
        bytes[^rest..].CopyTo(last);

        var tail = new Vector<byte>(last);
        var (flip, zero) = (new Vector<byte>(levels.Flip), new Vector<byte>(levels.Flip));
        Vector<byte> min = Vector<byte>.AllBitsSet, max = Vector<byte>.Zero;
        long sum = -padding * first, squares = -padding * first * first, zeros = first == levels.Flip ? -padding : 0;
        int count = vectors.Length + Math.Sign(rest);
        for (int start = 0; start < count; start += Block)
        {
            Vector<byte> equal = Vector<byte>.Zero;
            Vector<ushort> narrowSum = Vector<ushort>.Zero;
            Vector<uint> narrowSquares = Vector<uint>.Zero;
            int end = Math.Min(count, start + Block);
            for (int i = start; i < end; i++)
            {
                Vector<byte> x = (i < vectors.Length ? vectors[i] : tail) ^ flip;
                // A comparison sets all bits of a lane, which is −1.
                equal -= Vector.Equals(x, zero);
                min = Vector.Min(min, x);
                max = Vector.Max(max, x);
                Vector.Widen(x, out Vector<ushort> low, out Vector<ushort> high);
                narrowSum += low + high;
                Vector.Widen(low * low, out Vector<uint> a, out Vector<uint> b);
                Vector.Widen(high * high, out Vector<uint> c, out Vector<uint> d);
                narrowSquares += (a + b) + (c + d);
            }

            Vector.Widen(equal, out Vector<ushort> lowEqual, out Vector<ushort> highEqual);
            zeros += Vector.Sum(lowEqual + highEqual);
            Vector.Widen(narrowSum, out Vector<uint> lowSum, out Vector<uint> highSum);
            sum += Vector.Sum(lowSum + highSum);
            squares += Vector.Sum(narrowSquares);
        }

        // From deviations from 0 to those from the first one: Σ(x − f) and Σ(x − f)².
        (float smallest, float largest) = (levels.ValueOf(Smallest(min)), levels.ValueOf(byte.MaxValue - Smallest(~max)));
        return TensorStatistics.FromSums(bytes.Length, smallest, largest, origin: levels.ValueOf(first),
            sum - (long)bytes.Length * first, squares - 2L * first * sum + (long)bytes.Length * first * first, zeros);
    }

    /// <inheritdoc cref="Distribution.Of"/>
    /// <param name="bytes">All elements.</param>
    /// <param name="levels">Numbers that the bytes stand for.</param>
    /// <param name="min">Smallest number; NaN when there is none.</param>
    /// <param name="max">Largest number.</param>
    /// <param name="percentages">Percentages to find, 0 to 100.</param>
    public static Distribution DistributionOf(
        ReadOnlySpan<byte> bytes, ByteLevels levels, float min, float max, params ReadOnlySpan<double> percentages)
    {
        if (bytes.IsEmpty)
            return Distribution.OfNothing(percentages);
        int[] tables = new int[Tables * ByteLevels.Count], counts = new int[ByteLevels.Count];
        Count(bytes, tables);
        for (int i = 0; i < tables.Length; i++)
            counts[(i % ByteLevels.Count) ^ levels.Flip] += tables[i];
        var scale = new BinScale(min, max, Histogram.DefaultBins);
        long[] bins = new long[scale.Bins];
        for (int level = 0; level < counts.Length; level++)
            if (counts[level] > 0)
                bins[scale.BinOf(levels.ValueOf(level))] += counts[level];
        var positions = PercentilePosition.Of(percentages, bytes.Length);
        return new Distribution(Array.ConvertAll(positions, p => p.Between(At(p.Rank), At(p.Next))), new Histogram(min, max, bins));

        float At(int rank) => levels.ValueOf(Distribution.RankAmong(counts, rank).Place);
    }

    // The smallest of all lanes; wider ones are fewer.
    private static int Smallest(Vector<byte> lanes)
    {
        Vector.Widen(lanes, out Vector<ushort> a, out Vector<ushort> b);
        Vector.Widen(Vector.Min(a, b), out Vector<uint> c, out Vector<uint> d);
        Vector<uint> wide = Vector.Min(c, d);
        uint smallest = wide[0];
        for (int i = 1; i < Vector<uint>.Count; i++)
            smallest = Math.Min(smallest, wide[i]);
        return (int)smallest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Count(ReadOnlySpan<byte> bytes, Span<int> tables)
    {
        Span<int> a = tables[..ByteLevels.Count], b = tables.Slice(ByteLevels.Count, ByteLevels.Count);
        Span<int> c = tables.Slice(2 * ByteLevels.Count, ByteLevels.Count), d = tables.Slice(3 * ByteLevels.Count, ByteLevels.Count);
        ReadOnlySpan<ulong> eights = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong eight in eights)
        {
            a[(byte)eight]++;
            b[(byte)(eight >> 8)]++;
            c[(byte)(eight >> 16)]++;
            d[(byte)(eight >> 24)]++;
            a[(byte)(eight >> 32)]++;
            b[(byte)(eight >> 40)]++;
            c[(byte)(eight >> 48)]++;
            d[(byte)(eight >> 56)]++;
        }

        foreach (byte value in bytes[(eights.Length * sizeof(ulong))..])
            a[value]++;
    }
}
