namespace CnnOnnx.Rendering;

/// <summary>A prefix code for symbols of known counts, numbered as deflate does (RFC 1951, 3.2.2).</summary>
internal sealed class HuffmanCode
{
    private HuffmanCode(byte[] lengths) => (Lengths, Bits) = (lengths, Number(lengths));

    /// <summary>Bits of each symbol's code; 0 for a symbol that does not occur.</summary>
    public byte[] Lengths { get; }

    /// <summary>The codes, their first bit lowest.</summary>
    public ushort[] Bits { get; }

    /// <param name="counts">How often each symbol occurs; at least two do.</param>
    /// <param name="maxLength">Of a code, in bits.</param>
    public static HuffmanCode For(ReadOnlySpan<int> counts, int maxLength)
    {
        int[] weights = counts.ToArray();
        byte[] lengths = LengthsOf(weights);
        // Flatter counts give shorter codes for what is rare, and cost almost nothing.
        while (lengths.Max() > maxLength)
        {
            for (int i = 0; i < weights.Length; i++)
                weights[i] = (weights[i] + 1) / 2;
            lengths = LengthsOf(weights);
        }

        return new HuffmanCode(lengths);
    }

    // Huffman 1952: join the two lightest until one is left. Leaves are 0 and up, inner nodes follow.
    private static byte[] LengthsOf(int[] weights)
    {
        var lightest = new PriorityQueue<int, (int Weight, int Node)>();
        for (int i = 0; i < weights.Length; i++)
            if (weights[i] > 0)
                lightest.Enqueue(i, (weights[i], i));
        int[] parents = new int[2 * weights.Length];
        int next = weights.Length;
        while (lightest.TryDequeue(out int left, out (int Weight, int) first) && lightest.TryDequeue(out int right, out (int Weight, int) second))
        {
            parents[left] = parents[right] = next;
            lightest.Enqueue(next, (first.Weight + second.Weight, next));
            next++;
        }

        int[] depths = new int[next];
        for (int node = next - 2; node >= 0; node--)
            depths[node] = parents[node] == 0 ? 0 : depths[parents[node]] + 1;
        return [.. depths.Take(weights.Length).Select(d => (byte)d)];
    }

    // Shorter codes come first, codes of one length in the order of their symbols.
    private static ushort[] Number(byte[] lengths)
    {
        ushort[] bits = new ushort[lengths.Length];
        int code = 0;
        for (int length = 1; length <= lengths.Max(); length++)
        {
            for (int symbol = 0; symbol < lengths.Length; symbol++)
                if (lengths[symbol] == length)
                    bits[symbol] = Reversed(code++, length);
            code <<= 1;
        }

        return bits;
    }

    private static ushort Reversed(int code, int length)
    {
        int reversed = 0;
        for (int i = 0; i < length; i++)
            reversed |= (code >> i & 1) << (length - 1 - i);
        return (ushort)reversed;
    }
}
