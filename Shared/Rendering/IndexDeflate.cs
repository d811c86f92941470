using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace CnnOnnx.Rendering;

/// <summary>
/// Compresses pictures of indices to a zlib stream (RFC 1950, 1951), knowing what they are like: maps enlarged by whole
/// factors, so that pixels repeat in runs and whole rows repeat; besides that they are close to noise. So it looks for
/// nothing else: a run is a value and a copy from one byte before, a repeated row a copy from one row before, and the rest is left
/// to Huffman codes that are made for each block. Several times as fast as a search for matches, and no larger.
/// </summary>
internal sealed class IndexDeflate : IDisposable
{
    private const int EndOfBlock = 256, Symbols = 286, DistanceSymbols = 30, LengthSymbols = 19;
    private const int MaxCodeLength = 15, MaxLengthCodeLength = 7;
    private const int MinCopy = 3, MaxCopy = 258, MaxDistance = 32768;
    private const uint AdlerModulus = 65521;

    // A token is a value of 0 to 255, or the length of a copy with one of these on top.
    private const int RunCopy = 1 << 16, RowCopy = 1 << 17;
    private const int BlockTokens = 1 << 16;

    // The order in which a block's header tells the lengths of the codes for lengths.
    private static ReadOnlySpan<byte> LengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private readonly BitWriter _bits = new();
    private readonly int[] _tokens = ArrayPool<int>.Shared.Rent(BlockTokens);
    private readonly int _rowLength;
    private readonly bool _canCopyRows;
    private int _count;
    private long _repeated;

    // Adler-32 (RFC 1950, 8.2) so far, and what the last row adds to it: the row's sum, and the sum of its own running sums. A row
    // that repeats adds the same again.
    private ulong _sum = 1, _sumOfSums;
    private ulong _rowSum, _rowSumOfSums;

    private IndexDeflate(int rowLength)
    {
        _rowLength = rowLength;
        _canCopyRows = rowLength is >= MinCopy and <= MaxDistance;
    }

    /// <summary>Every row of the picture with this byte in front of it.</summary>
    public static IndexDeflate Compress(Pixels pixels, byte front)
    {
        var deflate = new IndexDeflate(pixels.Width + 1);
        deflate._bits.Reserve(sizeof(ulong));
        // Deflate with a window of 32 KiB, no dictionary, level "fastest"; the pair is a multiple of 31.
        deflate._bits.Put(0x0178, 16);
        for (int y = 0; y < pixels.Height; y++)
        {
            bool repeats = deflate._canCopyRows && y > 0 && pixels.Row(y).SequenceEqual(pixels.Row(y - 1));
            deflate.Add(pixels.Row(y), front, repeats);
        }

        deflate.Finish();
        return deflate;
    }

    public ReadOnlySpan<byte> Bytes => _bits.Bytes;

    public void Dispose()
    {
        _bits.Dispose();
        ArrayPool<int>.Shared.Return(_tokens);
    }

    private void Add(ReadOnlySpan<byte> row, byte front, bool repeats)
    {
        if (repeats)
        {
            _repeated += _rowLength;
        }
        else
        {
            PutRepeated();
            (_rowSum, _rowSumOfSums) = (0, 0);
            PutRun(front, 1);
            for (int x = 0; x < row.Length;)
            {
                int run = x + 1 < row.Length && row[x + 1] == row[x] ? Run(row[x..]) : 1;
                PutRun(row[x], run);
                x += run;
            }
        }

        _sumOfSums = (_sumOfSums + (ulong)_rowLength * _sum + _rowSumOfSums) % AdlerModulus;
        _sum = (_sum + _rowSum) % AdlerModulus;
    }

    private static int Run(ReadOnlySpan<byte> row)
    {
        int end = row.IndexOfAnyExcept(row[0]);
        return end < 0 ? row.Length : end;
    }

    private void PutRun(byte value, int length)
    {
        ulong n = (ulong)length;
        _rowSumOfSums += n * _rowSum + value * (n * (n + 1) / 2);
        _rowSum += n * value;

        PutToken(value);
        if (length > MinCopy)
            PutCopy(RunCopy, length - 1);
        else
            for (int i = 1; i < length; i++)
                PutToken(value);
    }

    private void PutRepeated()
    {
        PutCopy(RowCopy, _repeated);
        _repeated = 0;
    }

    private void PutCopy(int kind, long length)
    {
        while (length > 0)
        {
            long part = Math.Min(MaxCopy, length);
            // What is left must not be too short for a copy.
            if (length - part is > 0 and < MinCopy)
                part -= MinCopy;
            PutToken(kind | (int)part);
            length -= part;
        }
    }

    private void PutToken(int token)
    {
        if (_count == BlockTokens)
            PutBlock(isLast: false);
        _tokens[_count++] = token;
    }

    private void Finish()
    {
        PutRepeated();
        PutBlock(isLast: true);
        _bits.Align();
        _bits.Reserve(2 * sizeof(ulong));
        uint adler = (uint)(_sumOfSums << 16 | _sum);
        _bits.Put(BinaryPrimitives.ReverseEndianness(adler), 32);
        _bits.Align();
    }

    // RFC 1951, 3.2.7.
    private void PutBlock(bool isLast)
    {
        (int rowSymbol, uint rowExtra, int rowExtraBits) = DistanceCode(_rowLength);
        HuffmanCode symbols = HuffmanCode.For(Count(), MaxCodeLength);
        // Two distances, both always there, so that each is one bit.
        int[] distanceCounts = new int[DistanceSymbols];
        distanceCounts[0] = distanceCounts[_canCopyRows ? rowSymbol : 1] = 1;
        HuffmanCode distances = HuffmanCode.For(distanceCounts, MaxCodeLength);

        _bits.Reserve(BlockTokens * 6 + 1024);
        _bits.Put(isLast ? 0b101u : 0b100u, 3);
        PutCodes(symbols, distances);
        foreach (int token in _tokens.AsSpan(0, _count))
        {
            if (token < EndOfBlock)
            {
                _bits.Put(symbols.Bits[token], symbols.Lengths[token]);
                continue;
            }

            (int symbol, int extra, int extraBits) = LengthCode(token & 0xffff);
            _bits.Put(symbols.Bits[symbol] | (uint)extra << symbols.Lengths[symbol], symbols.Lengths[symbol] + extraBits);
            if ((token & RowCopy) == 0)
                _bits.Put(distances.Bits[0], distances.Lengths[0]);
            else
                _bits.Put(distances.Bits[rowSymbol] | rowExtra << distances.Lengths[rowSymbol], distances.Lengths[rowSymbol] + rowExtraBits);
        }

        _bits.Put(symbols.Bits[EndOfBlock], symbols.Lengths[EndOfBlock]);
        _count = 0;
    }

    private int[] Count()
    {
        int[] counts = new int[Symbols];
        foreach (int token in _tokens.AsSpan(0, _count))
            counts[token < EndOfBlock ? token : LengthCode(token & 0xffff).Symbol]++;
        counts[EndOfBlock] = 1;
        // A code of one symbol would have no bits.
        if (_count == 0)
            counts[0] = 1;
        return counts;
    }

    private void PutCodes(HuffmanCode symbols, HuffmanCode distances)
    {
        byte[] lengths = [.. symbols.Lengths, .. distances.Lengths];
        int[] counts = new int[LengthSymbols];
        foreach (byte length in lengths)
            counts[length]++;
        HuffmanCode code = HuffmanCode.For(counts, MaxLengthCodeLength);
        _bits.Put(Symbols - 257, 5);
        _bits.Put(DistanceSymbols - 1, 5);
        _bits.Put(LengthSymbols - 4, 4);
        foreach (byte symbol in LengthOrder)
            _bits.Put(code.Lengths[symbol], 3);
        foreach (byte length in lengths)
            _bits.Put(code.Bits[length], code.Lengths[length]);
    }

    // RFC 1951, 3.2.5: eight lengths with a symbol each, then four symbols for every number of extra bits.
    private static (int Symbol, int Extra, int ExtraBits) LengthCode(int length)
    {
        int over = length - MinCopy;
        if (length == MaxCopy)
            return (Symbols - 1, 0, 0);
        if (over < 8)
            return (EndOfBlock + 1 + over, 0, 0);
        int bits = BitOperations.Log2((uint)over) - 2;
        return (EndOfBlock + 1 + 4 * bits + (over >> bits), over & ((1 << bits) - 1), bits);
    }

    // Two symbols for every number of extra bits.
    private static (int Symbol, uint Extra, int ExtraBits) DistanceCode(int distance)
    {
        int over = distance - 1;
        if (over < 4)
            return (over, 0, 0);
        int bits = BitOperations.Log2((uint)over) - 1;
        return (2 * bits + (over >> bits), (uint)(over & ((1 << bits) - 1)), bits);
    }
}
