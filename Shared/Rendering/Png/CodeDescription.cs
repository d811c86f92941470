using System.Runtime.CompilerServices;

namespace CnnOnnx.Rendering;

/// <summary>
/// The lengths of a code's words as deflate writes them in front of a block: equal ones and zeros counted, and the result in a
/// Huffman code of its own (RFC 1951, 3.2.7). The code of distances is always the same: one distance, of one bit.
/// </summary>
internal readonly ref struct CodeDescription
{
    /// <summary>Each length, and that of the one distance.</summary>
    public const int MostParts = DeflateSymbols.CodeCount + 1;

    private const int LongestWord = 7, Literals = 257, FewestOrdered = 4, Symbols = 19;

    // Copies of the length before; short and long runs of zeros. How many bits say how often, and from where they count.
    private static readonly (byte Symbol, byte Bits, int Least, int Most)
        Copies = (16, 2, 3, 6), Zeros = (17, 3, 3, 10), ManyZeros = (18, 7, 11, 138);

    private static ReadOnlySpan<byte> Order => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private readonly ReadOnlySpan<CodePart> _parts;
    private readonly PartLengths _lengths;
    private readonly int _described, _ordered;

    /// <param name="lengths">Bits of the words of literals, end and repetitions; 0 for an unused symbol.</param>
    /// <param name="room">Memory for <see cref="MostParts"/> parts, kept as long as this is used.</param>
    public CodeDescription(ReadOnlySpan<byte> lengths, Span<CodePart> room)
    {
        _described = Math.Max(Literals, lengths.LastIndexOfAnyExcept((byte)0) + 1);
        int count = Describe(lengths[.._described], room);
        room[count++] = new CodePart(1, 0, 0);
        _parts = room[..count];

        Span<int> counts = stackalloc int[Symbols];
        foreach (CodePart part in _parts)
            counts[part.Symbol]++;
        HuffmanCode.LengthsOf(counts, LongestWord, _lengths);
        _ordered = Symbols;
        while (_ordered > FewestOrdered && _lengths[Order[_ordered - 1]] == 0)
            _ordered--;
        Bits = 5 + 5 + 4 + 3 * _ordered;
        foreach (CodePart part in _parts)
            Bits += _lengths[part.Symbol] + part.ExtraBits;
    }

    /// <summary>Number of bits that the description takes.</summary>
    public int Bits { get; }

    public void Write(BitWriter writer)
    {
        writer.Write((uint)(_described - Literals), 5);
        writer.Write(0, 5);
        writer.Write((uint)(_ordered - FewestOrdered), 4);
        foreach (byte symbol in Order[.._ordered])
            writer.Write(_lengths[symbol], 3);
        Span<CodeWord> words = stackalloc CodeWord[Symbols];
        HuffmanCode.WordsOf(_lengths, words);
        foreach (CodePart part in _parts)
            writer.Write(words[part.Symbol].Then(part.Extra, part.ExtraBits));
    }

    private static int Describe(ReadOnlySpan<byte> lengths, Span<CodePart> parts)
    {
        int count = 0;
        while (!lengths.IsEmpty)
        {
            byte length = lengths[0];
            int other = lengths.IndexOfAnyExcept(length), run = other < 0 ? lengths.Length : other;
            int done = 0;
            if (length > 0)
            {
                parts[count++] = new CodePart(length, 0, 0);
                done = 1;
            }

            while (run - done >= Copies.Least)
            {
                (byte symbol, byte bits, int least, int most) = length > 0 ? Copies : run - done < ManyZeros.Least ? Zeros : ManyZeros;
                int times = Math.Min(run - done, most);
                parts[count++] = new CodePart(symbol, (byte)(times - least), bits);
                done += times;
            }

            for (; done < run; done++)
                parts[count++] = new CodePart(length, 0, 0);
            lengths = lengths[run..];
        }

        return count;
    }

    [InlineArray(Symbols)]
    private struct PartLengths
    {
        private byte _first;
    }
}

/// <summary>A symbol of a <see cref="CodeDescription"/>, and the bits behind it.</summary>
internal readonly record struct CodePart(byte Symbol, byte Extra, byte ExtraBits);
