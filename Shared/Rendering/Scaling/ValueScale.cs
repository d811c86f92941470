using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnOnnx.Rendering;

/// <summary>
/// From values to places on a colormap: (x − Origin) · Factor + Offset, rounded half up, clipped to 0..255. The origin is taken
/// off first, so that a small range far from 0 keeps its digits.
/// </summary>
internal readonly record struct ValueScale(float Origin, float Factor, float Offset)
{
    private const float Largest = 255;

    /// <summary>Maps everything to one place.</summary>
    public static ValueScale Flat(byte index) => new(0, 0, index);

    /// <summary>Maps the smallest value to 0, the largest to 255.</summary>
    public static ValueScale FromRange(ValueRange range)
    {
        double width = (double)range.Max - range.Min;
        if (!(width > 0))
            return Flat(0);
        // Beyond float's range: the origin must not be taken off, the difference would be infinite.
        return width > float.MaxValue
            ? new ValueScale(0, (float)(Largest / width), (float)(-range.Min * (Largest / width)))
            : new ValueScale(range.Min, (float)Math.Min(Largest / width, float.MaxValue), 0);
    }

    /// <summary>Maps 0 to 128, the largest magnitude to 255 or 1.</summary>
    public static ValueScale Symmetric(float maxAbsolute) => maxAbsolute > 0
        ? new ValueScale(0, (float)Math.Min(127.0 / maxAbsolute, float.MaxValue), 128)
        : Flat(128);

    /// <summary>Maps the mean to 128, a standard deviation to 64 steps.</summary>
    public static ValueScale Standard(double mean, double std) => std > 0
        ? new ValueScale((float)mean, (float)Math.Min(64 / std, float.MaxValue), 128)
        : Flat(128);

    public byte ToIndex(float value) => (byte)Math.Clamp(Place(value), 0, Largest);

    /// <summary>Fills in an index for each value. NaN becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ToIndices(ReadOnlySpan<float> values, Span<byte> indices)
    {
        int block = Vector<byte>.Count;
        if (values.Length < block)
        {
            for (int i = 0; i < values.Length; i++)
                indices[i] = ToIndex(values[i]);
            return;
        }

        ref float source = ref MemoryMarshal.GetReference(values);
        ref byte target = ref MemoryMarshal.GetReference(indices[..values.Length]);
        int last = values.Length - block;
        for (int i = 0; i < last; i += block)
            Block(ref source, ref target, i);
        // The last block may overlap the one before it; it gives the same there.
        Block(ref source, ref target, last);
    }

    // Four vectors of float to one of byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Block(ref float source, ref byte target, int at)
    {
        int step = Vector<float>.Count;
        Vector<short> low = Vector.Narrow(Quarter(ref source, at), Quarter(ref source, at + step));
        Vector<short> high = Vector.Narrow(Quarter(ref source, at + 2 * step), Quarter(ref source, at + 3 * step));
        Vector.Narrow(low, high).As<sbyte, byte>().StoreUnsafe(ref target, (nuint)at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<int> Quarter(ref float source, int at)
    {
        Vector<float> x = Vector.LoadUnsafe(ref source, (nuint)at);
        Vector<float> place = (x - new Vector<float>(Origin)) * new Vector<float>(Factor) + new Vector<float>(Offset + 0.5f);
        // In this order NaN becomes 0 where the processor's minimum takes the second of two when one is NaN.
        place = Vector.MinNative(Vector.MaxNative(place, Vector<float>.Zero), new Vector<float>(Largest));
        return Vector.ConvertToInt32Native(place);
    }

    private float Place(float value)
    {
        float place = (value - Origin) * Factor + (Offset + 0.5f);
        return float.IsNaN(place) ? 0 : place;
    }
}

/// <summary>Range of values, both ends included.</summary>
/// <param name="Min">Smallest value.</param>
/// <param name="Max">Largest value.</param>
public readonly record struct ValueRange(float Min, float Max)
{
    /// <summary>Largest distance from 0.</summary>
    public float MaxAbsolute => Math.Max(Math.Abs(Min), Math.Abs(Max));

    internal string Short => $"{Numbers.Short(Min)} .. {Numbers.Short(Max)}";
}
