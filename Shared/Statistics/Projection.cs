using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CnnOnnx.Statistics;

/// <summary>
/// Random vectors as long as a map, and their dot products with maps: a product of matrices, of which one has as many columns
/// as a <see cref="Vector256"/> has lanes.
/// </summary>
internal static class Projection
{
    public const int Count = 8;

    private const int Seed = 20240229;

    // Maps at a time: as many sums as processors keep in registers and need at once, to not wait for one another.
    private const int Maps = 8;

    // Sums of floats lose less when they are added up in blocks.
    private const int Block = 512;

    // Positions of a map → the random numbers of all vectors: the same for all layers, made as far as they are needed.
    private static float[] _rows = [];

    /// <summary>Computes the dot products of each map with each random vector. Equal maps have equal ones, wherever they stand.</summary>
    /// <param name="maps">Values of the maps, one map after another.</param>
    /// <param name="area">Number of values of a map.</param>
    public static float[] Of(ReadOnlySpan<float> maps, int area)
    {
        int count = area == 0 ? 0 : maps.Length / area;
        float[] products = new float[count * Count];
        ReadOnlySpan<Vector256<float>> rows = Rows(area);
        Span<Vector256<float>> sums = MemoryMarshal.Cast<float, Vector256<float>>(products.AsSpan());
        for (int first = 0; first < count; first += Maps)
            for (int start = 0; start < area; start += Block)
                Add(maps, area, first, start, rows[start..Math.Min(area, start + Block)], sums[first..Math.Min(count, first + Maps)]);
        return products;
    }

    /// <summary>Computes the sums of the random vectors: their dot products with a map of ones.</summary>
    public static Vector256<float> OfOnes(int area)
    {
        Vector256<float> sum = Vector256<float>.Zero;
        ReadOnlySpan<Vector256<float>> rows = Rows(area);
        for (int start = 0; start < area; start += Block)
        {
            Vector256<float> part = Vector256<float>.Zero;
            foreach (Vector256<float> row in rows[start..Math.Min(area, start + Block)])
                part += row;
            sum += part;
        }

        return sum;
    }

    // Where fewer maps are left, the last one stands in for those that are not there.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(
        ReadOnlySpan<float> maps, int area, int first, int start, ReadOnlySpan<Vector256<float>> rows, Span<Vector256<float>> sums)
    {
        int last = sums.Length - 1;
        ref float from = ref MemoryMarshal.GetReference(maps[(first * area + start)..]);
        ref float map0 = ref Map(ref from, 0), map1 = ref Map(ref from, 1), map2 = ref Map(ref from, 2), map3 = ref Map(ref from, 3);
        ref float map4 = ref Map(ref from, 4), map5 = ref Map(ref from, 5), map6 = ref Map(ref from, 6), map7 = ref Map(ref from, 7);
        Vector256<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        Vector256<float> sum4 = default, sum5 = default, sum6 = default, sum7 = default;
        for (int i = 0; i < rows.Length; i++)
        {
            Vector256<float> row = rows[i];
            sum0 = Vector256.MultiplyAddEstimate(Vector256.Create(Unsafe.Add(ref map0, i)), row, sum0);
            sum1 = Vector256.MultiplyAddEstimate(Vector256.Create(Unsafe.Add(ref map1, i)), row, sum1);
            sum2 = Vector256.MultiplyAddEstimate(Vector256.Create(Unsafe.Add(ref map2, i)), row, sum2);
            sum3 = Vector256.MultiplyAddEstimate(Vector256.Create(Unsafe.Add(ref map3, i)), row, sum3);
            sum4 = Vector256.MultiplyAddEstimate(Vector256.Create(Unsafe.Add(ref map4, i)), row, sum4);
            sum5 = Vector256.MultiplyAddEstimate(Vector256.Create(Unsafe.Add(ref map5, i)), row, sum5);
            sum6 = Vector256.MultiplyAddEstimate(Vector256.Create(Unsafe.Add(ref map6, i)), row, sum6);
            sum7 = Vector256.MultiplyAddEstimate(Vector256.Create(Unsafe.Add(ref map7, i)), row, sum7);
        }

        Span<Vector256<float>> found = [sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7];
        for (int i = 0; i < sums.Length; i++)
            sums[i] += found[i];

        ref float Map(ref float from, int map) => ref Unsafe.Add(ref from, Math.Min(map, last) * area);
    }

    private static ReadOnlySpan<Vector256<float>> Rows(int area)
    {
        float[] known = _rows;
        if (known.Length < area * Count)
        {
            int length = Math.Max(area, 1024);
            known = new float[length * Count];
            for (int k = 0; k < Count; k++)
            {
                // A generator of its own, so that a longer vector starts like a shorter one.
                var random = new Random(Seed + k);
                for (int i = k; i < known.Length; i += Count)
                    known[i] = random.NextSingle() * 2 - 1;
            }

            _rows = known;
        }

        return MemoryMarshal.Cast<float, Vector256<float>>(known)[..area];
    }
}
