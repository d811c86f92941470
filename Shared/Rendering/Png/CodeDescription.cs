namespace CnnOnnx.Rendering.Png;

/// <summary>
/// The lengths of a code's words as deflate writes them in front of a block: equal ones and zeros counted, and the result in a
/// Huffman code of its own (RFC 1951, 3.2.7). The code of distances is always the same: one distance, of one bit.
/// </summary>
internal sealed class CodeDescription
{
    private const int LongestWord = 7, Literals = 257, FewestOrdered = 4;

    // Copies of the length before; short and long runs of zeros. How many bits say how often, and from where they count.
    private static readonly (byte Symbol, int Bits, int Least, int Most)
        Copies = (16, 2, 3, 6), Zeros = (17, 3, 3, 10), ManyZeros = (18, 7, 11, 138);

    private static ReadOnlySpan<byte> Order => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private readonly List<(byte Symbol, int Extra, int ExtraBits)> _parts = new(DeflateSymbols.CodeCount);
    private readonly byte[] _lengths;
    private readonly int _described, _ordered;

    /// <param name="lengths">Of the words of literals, end and repetitions; 0 for what does not occur.</param>
    public CodeDescription(ReadOnlySpan<byte> lengths)
    {
        _described = Math.Max(Literals, lengths.LastIndexOfAnyExcept((byte)0) + 1);
        Describe(lengths[.._described]);
        _parts.Add((1, 0, 0));

        Span<int> counts = stackalloc int[Order.Length];
        foreach ((byte symbol, _, _) in _parts)
            counts[symbol]++;
        _lengths = HuffmanCode.LengthsOf(counts, LongestWord);
        _ordered = Order.Length;
        while (_ordered > FewestOrdered && _lengths[Order[_ordered - 1]] == 0)
            _ordered--;
        Bits = 5 + 5 + 4 + 3 * _ordered + _parts.Sum(part => _lengths[part.Symbol] + part.ExtraBits);
    }

    /// <summary>That it takes.</summary>
    public int Bits { get; }

    public void Write(BitWriter writer)
    {
        writer.Write((uint)(_described - Literals), 5);
        writer.Write(0, 5);
        writer.Write((uint)(_ordered - FewestOrdered), 4);
        foreach (byte symbol in Order[.._ordered])
            writer.Write(_lengths[symbol], 3);
        CodeWord[] words = HuffmanCode.WordsOf(_lengths);
        foreach ((byte symbol, int extra, int extraBits) in _parts)
            writer.Write(words[symbol].Then(extra, extraBits));
    }

    private void Describe(ReadOnlySpan<byte> lengths)
    {
        while (!lengths.IsEmpty)
        {
            byte length = lengths[0];
            int other = lengths.IndexOfAnyExcept(length), run = other < 0 ? lengths.Length : other;
            int done = 0;
            if (length > 0)
            {
                _parts.Add((length, 0, 0));
                done = 1;
            }

            while (run - done >= Copies.Least)
            {
                (byte symbol, int bits, int least, int most) = length > 0 ? Copies : run - done < ManyZeros.Least ? Zeros : ManyZeros;
                int times = Math.Min(run - done, most);
                _parts.Add((symbol, times - least, bits));
                done += times;
            }

            for (; done < run; done++)
                _parts.Add((length, 0, 0));
            lengths = lengths[run..];
        }
    }
}
