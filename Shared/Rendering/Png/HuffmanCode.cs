namespace CnnOnnx.Rendering;

/// <summary>
/// Finds the shortest prefix code for symbols of known frequency (Huffman 1952), in the order that deflate prescribes (RFC 1951, 3.2.2).
/// </summary>
internal static class HuffmanCode
{
    /// <param name="counts">Number of times that each symbol occurs.</param>
    /// <param name="longest">Most bits of a word; 2^longest is at least the number of symbols.</param>
    /// <param name="lengths">Gets the bits of each symbol's word. One symbol alone gets 1 bit.</param>
    public static void LengthsOf(ReadOnlySpan<int> counts, int longest, Span<byte> lengths)
    {
        lengths.Clear();
        // Sorted by weight; the symbol in the lower bits.
        Span<long> leaves = stackalloc long[counts.Length];
        int used = 0;
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            if (counts[symbol] > 0)
                leaves[used++] = (long)counts[symbol] << 32 | (uint)symbol;
        }

        leaves = leaves[..used];
        leaves.Sort();
        Span<int> symbols = stackalloc int[used];
        for (int i = 0; i < used; i++)
            (symbols[i], leaves[i]) = ((int)(uint)leaves[i], leaves[i] >> 32);
        if (used == 1)
            lengths[symbols[0]] = 1;
        if (used < 2)
            return;

        // Flatter weights give shorter words, and all equal ones give the shortest.
        Span<int> depths = stackalloc int[2 * used - 1];
        DepthsOf(leaves, depths);
        while (depths[0] > longest)
        {
            for (int i = 0; i < leaves.Length; i++)
                leaves[i] = (leaves[i] + 1) / 2;
            DepthsOf(leaves, depths);
        }

        for (int i = 0; i < symbols.Length; i++)
            lengths[symbols[i]] = (byte)depths[i];
    }

    /// <summary>The words of those lengths: shorter ones first, and among equally long ones in the order of the symbols.</summary>
    /// <param name="lengths">Bits of each symbol's word; 0 for a symbol without one.</param>
    /// <param name="words">Gets as many.</param>
    public static void WordsOf(ReadOnlySpan<byte> lengths, Span<CodeWord> words)
    {
        Span<int> next = stackalloc int[17];
        foreach (byte length in lengths)
            next[length + 1]++;
        next[1] = 0;
        for (int length = 1; length < next.Length; length++)
            next[length] = (next[length] + next[length - 1]) << 1;
        for (int symbol = 0; symbol < lengths.Length; symbol++)
            words[symbol] = lengths[symbol] == 0
                ? default
                : new CodeWord(Reversed(next[lengths[symbol]]++, lengths[symbol]), lengths[symbol]);
    }

    // The two lightest nodes get a parent, again and again. Leaves and parents both come in order of their weights. The leaves are
    // the first nodes.
    private static void DepthsOf(ReadOnlySpan<long> leaves, Span<int> depths)
    {
        int count = leaves.Length, root = 2 * count - 2;
        Span<long> weights = stackalloc long[root + 1];
        Span<int> parents = stackalloc int[root + 1];
        leaves.CopyTo(weights);
        (int leaf, int inner) = (0, count);
        for (int made = count; made <= root; made++)
        {
            for (int child = 0; child < 2; child++)
            {
                bool isLeaf = leaf < count && (inner == made || weights[leaf] <= weights[inner]);
                int lightest = isLeaf ? leaf++ : inner++;
                weights[made] += weights[lightest];
                parents[lightest] = made;
            }
        }

        depths[root] = 0;
        for (int node = root - 1; node >= 0; node--)
            depths[node] = depths[parents[node]] + 1;
    }

    private static uint Reversed(int word, int length)
    {
        uint reversed = 0;
        for (int bit = 0; bit < length; bit++)
            reversed |= (uint)(word >> bit & 1) << (length - 1 - bit);
        return reversed;
    }
}

/// <summary>Bits that stand for a symbol.</summary>
/// <param name="Bits">The first one lowest.</param>
/// <param name="Count">Number of bits; 0 if the symbol is unused.</param>
internal readonly record struct CodeWord(uint Bits, int Count)
{
    /// <summary>Appends further bits.</summary>
    public CodeWord Then(int bits, int count) => new(Bits | (uint)bits << Count, Count + count);
}
