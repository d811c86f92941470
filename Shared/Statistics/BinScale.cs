using System.Runtime.CompilerServices;

namespace CnnOnnx.Statistics;

/// <summary>Bins of equal width from min to max, both included. Where min equals max, everything is in the first bin.</summary>
internal readonly struct BinScale(float min, float max, int bins)
{
    public float Min => min;

    public float Max => max;

    public int Bins => bins;

    /// <summary>How many bins a distance of 1 spans.</summary>
    public double PerUnit { get; } = max > min ? bins / ((double)max - min) : 0;

    public bool Contains(float value) => value >= Min && value <= Max;

    /// <summary>Of a value that the bins contain. Never falls while values rise.</summary>
    public int BinOf(float value) => (int)Math.Min(((double)value - Min) * PerUnit, Bins - 1);

    /// <summary>The smallest float that lies in a bin or in a later one; the one after max when there is none.</summary>
    public float StartOf(int bin)
    {
        (long first, long end) = (Ordered(BitConverter.SingleToInt32Bits(Min)), Ordered(BitConverter.SingleToInt32Bits(Max)) + 1L);
        while (first < end)
        {
            long middle = (first + end) >> 1;
            if (BinOf(FloatAt(middle)) >= bin)
                end = middle;
            else
                first = middle + 1;
        }

        return FloatAt(first);
    }

    private static float FloatAt(long place) => BitConverter.Int32BitsToSingle(Ordered((int)place));

    // From a float's bits to its place among all floats, and back: those of negative numbers are in the opposite order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Ordered(int bits) => bits ^ ((bits >> 31) & int.MaxValue);
}
