using System.Numerics;

namespace CnnOnnx.Rendering;

/// <summary>
/// Symbols that deflate makes of bytes here: a byte as it is, or "the byte before, so many times more". Of all that deflate can point back
/// to, that is what pictures with enlarged pixels and areas of one colour need, and what can be found fastest.
/// </summary>
internal static class DeflateSymbols
{
    /// <summary>Fewest and most repetitions that one symbol stands for.</summary>
    public const int Shortest = 3, Longest = 258;

    /// <summary>Ends a block.</summary>
    public const ushort End = 256;

    /// <summary>Bytes are 0 to 255; repetitions follow on the end of a block.</summary>
    public const int Count = End + 1 + Longest - Shortest + 1;

    /// <summary>Deflate's own symbols, in which neighbouring lengths share one and differ in bits behind it.</summary>
    public const int CodeCount = 286;

    private const int FirstLength = 257, LongestCode = 285;

    private static readonly (ushort Code, byte Extra, byte ExtraBits)[] Codes = [.. Enumerable.Range(0, Count).Select(CodeOf)];

    /// <summary>The symbol of so many repetitions.</summary>
    public static ushort Repeat(int length) => (ushort)(End + 1 - Shortest + length);

    public static bool IsRepeat(int symbol) => symbol > End;

    /// <summary>Deflate's symbol, and what stands behind it.</summary>
    public static (ushort Code, byte Extra, byte ExtraBits) Of(int symbol) => Codes[symbol];

    // RFC 1951, 3.2.5: eight lengths of their own, then four symbols for each power of two; the longest one has its own again.
    private static (ushort Code, byte Extra, byte ExtraBits) CodeOf(int symbol)
    {
        if (!IsRepeat(symbol))
            return ((ushort)symbol, 0, 0);
        int length = symbol - Repeat(Shortest);
        if (length == Longest - Shortest)
            return (LongestCode, 0, 0);
        int bits = Math.Max(0, BitOperations.Log2((uint)length | 1) - 2);
        return ((ushort)(FirstLength + 4 * bits + (length >> bits)), (byte)(length & ((1 << bits) - 1)), (byte)bits);
    }
}
