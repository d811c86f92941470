using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnOnnx.Statistics;

/// <summary>
/// How many of many values have each key: the upper half of a float, which is its sign, exponent and seven bits of the
/// fraction, in the order of the numbers. Values that are not finite are in none. Both zeros are 0.
/// </summary>
internal readonly ref struct FloatKeys : IDisposable
{
    private const int Count = 1 << 16;

    // Exponent 255 is infinity and NaN: the first and the last 128 keys.
    private const int NonFinite = 1 << 7;

    private readonly int[] _rented;
    private readonly ReadOnlySpan<int> _counts;

    public FloatKeys(ReadOnlySpan<float> values)
    {
        // Two tables take turns: a processor waits when it counts the same key twice in a row.
        _rented = ArrayPool<int>.Shared.Rent(2 * Count);
        Span<int> even = _rented.AsSpan(0, Count), odd = _rented.AsSpan(Count, Count);
        even.Clear();
        odd.Clear();
        Fill(values, even, odd);
        TensorPrimitives.Add<int>(even, odd, even);
        even[..NonFinite].Clear();
        even[^NonFinite..].Clear();
        _counts = even;
    }

    /// <summary>The values that share a key with the value that has a rank.</summary>
    /// <param name="rank">From 0; less than the number of finite values.</param>
    public ValueGroup GroupAt(int rank)
    {
        (int key, int below) = RankedCounts.Find(_counts, rank);
        return new ValueGroup(StartOf(key), StartOf(key + 1), below, _counts[key]);
    }

    public void Dispose() => ArrayPool<int>.Shared.Return(_rented);

    // Of finite values. Orders as the floats do: bits of negative numbers are turned over, of the others the sign is set.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Of(Vector<float> values)
    {
        Vector<int> bits = Vector.AsVectorInt32(values + Vector<float>.Zero);
        Vector<int> ordered = bits ^ (Vector.ShiftRightArithmetic(bits, 31) | new Vector<int>(int.MinValue));
        return Vector.AsVectorInt32(Vector.ShiftRightLogical(Vector.AsVectorUInt32(ordered), 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill(ReadOnlySpan<float> values, Span<int> even, Span<int> odd)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (Vector<float> vector in vectors)
        {
            Vector<ulong> pairs = Vector.AsVectorUInt64(Of(vector));
            for (int i = 0; i < Vector<ulong>.Count; i++)
            {
                even[(ushort)pairs[i]]++;
                odd[(ushort)(pairs[i] >> 32)]++;
            }
        }

        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
            even[Of(new Vector<float>(value))[0]]++;
    }

    // The smallest float with this key.
    private static float StartOf(int key)
    {
        int ordered = key << 16;
        return BitConverter.Int32BitsToSingle(ordered < 0 ? ordered ^ int.MinValue : ~ordered);
    }
}
