using System.Numerics.Tensors;

namespace CnnOnnx.Rendering;

/// <summary>
/// Numbers written of a row in place of its pixels (PNG specification, chapter 9): the pixels, or differences from the neighbours
/// on the left or above. Which one takes the fewest bits depends on the picture: differences of smooth or enlarged maps are small.
/// </summary>
/// <param name="Type">First byte of a row.</param>
/// <param name="Apply">Makes the numbers of the row and the row above, which is empty for the first.</param>
internal sealed record RowFilter(byte Type, RowFilter.Application Apply)
{
    // Rows that are tried in each way, and pixels of each that are.
    private const int Trials = 8, TrialWidth = 4096;

    internal delegate void Application(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> filtered);

    public static RowFilter None { get; } = new(0, (row, _, filtered) => row.CopyTo(filtered));

    public static RowFilter Left { get; } = new(1, (row, _, filtered) =>
    {
        filtered[0] = row[0];
        TensorPrimitives.Subtract(row[1..], row[..^1], filtered[1..]);
    });

    public static RowFilter Above { get; } = new(2, (row, above, filtered) =>
    {
        if (above.IsEmpty)
            row.CopyTo(filtered);
        else
            TensorPrimitives.Subtract(row, above, filtered);
    });

    private static RowFilter[] All { get; } = [None, Left, Above];

    /// <summary>The one that makes a sample of the picture's rows smallest.</summary>
    public static RowFilter For(Pixels pixels)
    {
        int width = Math.Min(pixels.Width, TrialWidth), trials = Math.Min(pixels.Height, Trials);
        Span<byte> filtered = stackalloc byte[TrialWidth];
        Span<ushort> symbols = stackalloc ushort[TrialWidth];
        Span<int> counts = stackalloc int[DeflateSymbols.Count];
        (RowFilter best, double least) = (None, double.MaxValue);
        foreach (RowFilter filter in All)
        {
            counts.Clear();
            for (int trial = 0; trial < trials; trial++)
            {
                // The first of equal rows: the others are nothing but zeros, whatever the filter.
                int y = (int)((trial + 0.5) * pixels.Height / trials);
                while (pixels.IsRepeat(y) || y > 0 && pixels.Row(y, 0, width).SequenceEqual(pixels.Row(y - 1, 0, width)))
                    y--;
                filter.Apply(pixels.Row(y, 0, width), y == 0 ? [] : pixels.Row(y - 1, 0, width), filtered[..width]);
                foreach (ushort symbol in symbols[..RunFinder.Find(filtered[..width], symbols)])
                    counts[symbol]++;
            }

            double bits = Bits(counts);
            if (bits < least)
                (best, least) = (filter, bits);
        }

        return best;
    }

    // Shannon's bound for a code of these symbols, and the distance's bit of each repetition.
    private static double Bits(ReadOnlySpan<int> counts)
    {
        double all = TensorPrimitives.Sum(counts), bits = 0;
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            if (counts[symbol] > 0)
                bits += counts[symbol] * (Math.Log2(all / counts[symbol]) + (DeflateSymbols.IsRepeat(symbol) ? 1 : 0));
        }

        return bits;
    }
}
