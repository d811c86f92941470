using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnOnnx.Rendering;

/// <summary>
/// Writes a block of a deflate stream (RFC 1951, 3.2.3 to 3.2.7): with a code of its own, or with the fixed one where that is shorter.
/// </summary>
internal static class DeflateBlock
{
    private const uint FixedCode = 1, OwnCode = 2;

    private const int LongestWord = 15;

    private const int Few = 1 << 14, Stretch = 1 << 10, SampledEvery = 4;

    // What says "one byte back": all of five bits in the fixed code, and the only word of an own one.
    private const int FixedDistanceBits = 5, DistanceBits = 1;

    private static readonly byte[] FixedLengths =
        [.. Enumerable.Range(0, 288).Select(code => (byte)(code < 144 ? 8 : code < 256 ? 9 : code < 280 ? 7 : 8))];

    private static readonly CodeWord[] FixedWords = MakeFixedWords();

    /// <param name="symbols">Symbols of <see cref="DeflateSymbols"/>, without the end.</param>
    /// <param name="isLast">True for the last block of the stream.</param>
    /// <param name="writer">Receives the block.</param>
    public static void Write(ReadOnlySpan<ushort> symbols, bool isLast, BitWriter writer)
    {
        Span<int> counts = stackalloc int[DeflateSymbols.Count], codes = stackalloc int[DeflateSymbols.CodeCount];
        Count(symbols, counts);
        int repeats = 0;
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            codes[DeflateSymbols.Of(symbol).Code] += counts[symbol];
            repeats += DeflateSymbols.IsRepeat(symbol) ? counts[symbol] : 0;
        }

        Span<byte> lengths = stackalloc byte[codes.Length];
        HuffmanCode.LengthsOf(codes, LongestWord, lengths);
        var description = new CodeDescription(lengths, stackalloc CodePart[CodeDescription.MostParts]);
        bool isFixed = Bits(codes, FixedLengths) + FixedDistanceBits * repeats
            <= description.Bits + Bits(codes, lengths) + DistanceBits * repeats;
        writer.Write(isLast ? 1u : 0, 1);
        writer.Write(isFixed ? FixedCode : OwnCode, 2);
        if (!isFixed)
            description.Write(writer);
        Span<CodeWord> own = stackalloc CodeWord[isFixed ? 0 : DeflateSymbols.Count];
        if (!isFixed)
            WordsOf(lengths, DistanceBits, own);
        ReadOnlySpan<CodeWord> words = isFixed ? FixedWords : own;
        writer.Write(symbols, words);
        writer.Write(words[DeflateSymbols.End]);
    }

    // Of many symbols every fourth stretch is counted: a picture gets 0.4 % longer, and counting costs a quarter. Any symbol may
    // be among the others and needs a word.
    private static void Count(ReadOnlySpan<ushort> symbols, Span<int> counts)
    {
        bool isSampled = symbols.Length > Few;
        counts.Fill(isSampled ? 1 : 0);
        for (int start = 0; start < symbols.Length; start += isSampled ? SampledEvery * Stretch : Stretch)
            Add(symbols.Slice(start, Math.Min(Stretch, symbols.Length - start)), counts);
        counts[DeflateSymbols.End] = 1;
    }

    // Two counters for each symbol: a processor waits where one is raised again at once, as in a picture of few colours.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(ReadOnlySpan<ushort> symbols, Span<int> counts)
    {
        Span<int> odd = stackalloc int[DeflateSymbols.Count];
        odd.Clear();
        foreach (uint pair in MemoryMarshal.Cast<ushort, uint>(symbols))
        {
            counts[(ushort)pair]++;
            odd[(int)(pair >> 16)]++;
        }

        if (symbols.Length % 2 == 1)
            counts[symbols[^1]]++;
        TensorPrimitives.Add(counts, odd, counts);
    }

    private static int Bits(ReadOnlySpan<int> codes, ReadOnlySpan<byte> lengths)
    {
        int bits = 0;
        for (int code = 0; code < codes.Length; code++)
            bits += codes[code] * lengths[code];
        return bits;
    }

    // A repetition's word has in it how often and how far back.
    private static void WordsOf(ReadOnlySpan<byte> lengths, int distanceBits, Span<CodeWord> words)
    {
        Span<CodeWord> codes = stackalloc CodeWord[lengths.Length];
        HuffmanCode.WordsOf(lengths, codes);
        for (int symbol = 0; symbol < words.Length; symbol++)
        {
            (ushort code, byte extra, byte extraBits) = DeflateSymbols.Of(symbol);
            words[symbol] = DeflateSymbols.IsRepeat(symbol) ? codes[code].Then(extra, extraBits).Then(0, distanceBits) : codes[code];
        }
    }

    private static CodeWord[] MakeFixedWords()
    {
        var words = new CodeWord[DeflateSymbols.Count];
        WordsOf(FixedLengths, FixedDistanceBits, words);
        return words;
    }
}
