using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnOnnx.Rendering;

/// <summary>
/// Values of a map as one byte each. The codes are spread over its range in three straight pieces, so that neither its whole range nor its
/// middle, between the 1st and the 99th percentile, loses more than a level of 255:
/// <code>
/// min ── low ──── middle: half of the codes or more ──── high ── max
/// 0      lows                                    lows + middles   255
/// </code>
/// A tail gets ⌈255 · its share / (2 − the middle's share)⌉ codes. Scripts of pages read the values back (values.js).
/// </summary>
/// <param name="Range">Smallest and largest finite value.</param>
/// <param name="Middle">Percentiles, see <see cref="RobustRange"/>.</param>
/// <param name="HasOdd">True when not all values are finite: 255 means such a one then, and 254 is the largest value.</param>
internal readonly record struct MapCodes(ValueRange Range, ValueRange Middle, bool HasOdd)
{
    private const byte Odd = 255;

    /// <summary>Measures a map.</summary>
    public static MapCodes Of(ReadOnlySpan<float> map)
    {
        var facts = MapFacts.Of(map);
        return facts.HasFinite
            ? new MapCodes(facts.Range, RobustRange.Of(map, facts.Range), facts.NonFiniteCount > 0)
            : new MapCodes(default, default, HasOdd: true);
    }

    /// <summary>Fills in a code for each value.</summary>
    /// <param name="map">Values of the measured map.</param>
    /// <param name="codes">One byte for each value.</param>
    public void Encode(ReadOnlySpan<float> map, Span<byte> codes)
    {
        Pieces pieces = Spread();
        if (HasOdd)
        {
            for (int i = 0; i < map.Length; i++)
                codes[i] = float.IsFinite(map[i]) ? pieces.CodeOf(map[i]) : Odd;
            return;
        }

        int block = Vector<byte>.Count;
        if (map.Length < block)
        {
            for (int i = 0; i < map.Length; i++)
                codes[i] = pieces.CodeOf(map[i]);
            return;
        }

        Encode(pieces, ref MemoryMarshal.GetReference(map), ref MemoryMarshal.GetReference(codes[..map.Length]), map.Length - block);
    }

    // The last block may overlap the one before it; it gives the same there.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Encode(Pieces pieces, ref float source, ref byte target, int last)
    {
        int step = Vector<float>.Count;
        for (int i = 0; ; i = Math.Min(i + Vector<byte>.Count, last))
        {
            Vector<short> low = Vector.Narrow(pieces.CodesOf(ref source, i), pieces.CodesOf(ref source, i + step));
            Vector<short> high = Vector.Narrow(pieces.CodesOf(ref source, i + 2 * step), pieces.CodesOf(ref source, i + 3 * step));
            Vector.Narrow(low, high).As<sbyte, byte>().StoreUnsafe(ref target, (nuint)i);
            if (i == last)
                return;
        }
    }

    private Pieces Spread()
    {
        double width = (double)Range.Max - Range.Min;
        if (!(width > 0))
            return default;
        int top = HasOdd ? Odd - 1 : Odd;
        // In this order of operations the script finds the same numbers of codes.
        double below = ((double)Middle.Min - Range.Min) / width, above = ((double)Range.Max - Middle.Max) / width;
        double middle = 1 - below - above;
        double lows = Math.Ceiling(top * below / (2 - middle)), highs = Math.Ceiling(top * above / (2 - middle));
        double middles = top - lows - highs;
        return new Pieces(Range.Min, Middle.Min, Middle.Max,
            Factor(lows, (double)Middle.Min - Range.Min),
            Factor(middles, (double)Middle.Max - Middle.Min), (float)lows,
            Factor(highs, (double)Range.Max - Middle.Max), (float)(lows + middles), top);
    }

    private static float Factor(double codes, double width) => width > 0 ? (float)Math.Min(codes / width, float.MaxValue) : 0;

    private readonly record struct Pieces(
        float Min, float Low, float High,
        float LowFactor, float MiddleFactor, float MiddleFrom, float HighFactor, float HighFrom, float Top)
    {
        public byte CodeOf(float value)
        {
            float code = value < Low ? (value - Min) * LowFactor
                : value <= High ? (value - Low) * MiddleFactor + MiddleFrom
                : (value - High) * HighFactor + HighFrom;
            return (byte)Math.Clamp(code + 0.5f, 0, Top);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<int> CodesOf(ref float source, int at)
        {
            Vector<float> x = Vector.LoadUnsafe(ref source, (nuint)at), low = new(Low), high = new(High);
            Vector<float> tail = (x - high) * new Vector<float>(HighFactor) + new Vector<float>(HighFrom);
            Vector<float> middle = (x - low) * new Vector<float>(MiddleFactor) + new Vector<float>(MiddleFrom);
            Vector<float> head = (x - new Vector<float>(Min)) * new Vector<float>(LowFactor);
            Vector<float> code = Vector.ConditionalSelect(Vector.LessThan(x, low), head,
                Vector.ConditionalSelect(Vector.LessThanOrEqual(x, high), middle, tail)) + new Vector<float>(0.5f);
            return Vector.ConvertToInt32Native(Vector.MinNative(Vector.MaxNative(code, Vector<float>.Zero), new Vector<float>(Top)));
        }
    }
}
