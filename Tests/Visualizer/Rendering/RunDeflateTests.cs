using System.IO.Compression;
using CnnOnnx.Rendering;
using CnnOnnx.Tests.Support;
using CsCheck;

namespace CnnOnnx.Tests.Rendering;

/// <summary>The referee is .NET's zlib, which also checks the checksum at the end of a stream.</summary>
[TestClass]
public sealed class RunDeflateTests
{
    // Around what one symbol can stand for, and around a whole block.
    private static readonly int[] Lengths =
        [1, 2, 3, 4, 5, 31, 32, 33, 257, 258, 259, 260, 261, 262, 516, 517, 520, 65_536, 131_071, 131_072, 131_073, 400_000];

    [TestMethod]
    public void Write_Nothing_IsAnEmptyStream() => Check(_ => { });

    [TestMethod]
    public void Write_RunsOfEveryLength_AreReadBack()
    {
        foreach (int length in Lengths)
        {
            byte[] same = [.. Enumerable.Repeat((byte)200, length)];
            Check(d => d.Write(same), same);
            Check(d => d.Write(200, length), same);
            Check(d =>
            {
                d.Write([7, 200]);
                d.Write(200, length);
                d.Write(same);
                d.Write(0, 3);
            }, [7, 200, .. same, .. same, 0, 0, 0]);
        }
    }

    [TestMethod]
    public void Write_AnyMixOfNoiseAndRuns_IsReadBack()
    {
        Gen<byte[]> noise = Gen.Byte.Array[0, 100], few = Gen.Byte[0, 3].Array[0, 200];
        Gen<byte[]> run = Gen.Select(Gen.Byte, Gen.Int[1, 700]).Select((value, times) => Enumerable.Repeat(value, times).ToArray());
        Drawn.Check(Gen.OneOf(noise, few, run).Array[1, 30], 500, parts => Check(d =>
        {
            foreach (byte[] part in parts)
                d.Write(part);
        }, [.. parts.SelectMany(p => p)]));
    }

    [TestMethod]
    public void Write_MuchNoise_HardlyGrows()
    {
        byte[] noise = new byte[1_000_001];
        new Random(3).NextBytes(noise);
        int length = Check(d => d.Write(noise), noise);
        Assert.IsLessThan(1.003 * noise.Length, length);
    }

    [TestMethod]
    public void Write_FrequenciesOfFibonacci_KeepWordsWithinFifteenBits()
    {
        // The frequencies that make Huffman's code longest: 21 bits for the rarest of these.
        var bytes = new List<byte>();
        for ((int symbol, int count, int next) = (0, 1, 1); bytes.Count + count < 60_000;
            (symbol, count, next) = (symbol + 1, next, count + next))
            bytes.AddRange(Enumerable.Repeat((byte)(10 * symbol), count));
        byte[] shuffled = [.. bytes];
        new Random(1).Shuffle(shuffled);
        Assert.AreEqual(21, bytes.Distinct().Count() - 1);
        Check(d => d.Write(shuffled), shuffled);
    }

    [TestMethod]
    public void LengthsOf_AnyFrequencies_AreACompleteCodeNoLongerThanAllowed() =>
        Drawn.Check(Gen.Int[0, 100_000].Array[2, 280].Where(counts => counts.Count(c => c > 0) > 1), 300, counts =>
        {
            foreach (int longest in new[] { 9, 15 })
            {
                byte[] lengths = LengthsOf(counts, longest);
                Assert.IsLessThanOrEqualTo(longest, lengths.Max());
                // Kraft's sum is 1 where every sequence of bits means something.
                Assert.AreEqual(1.0, lengths.Where(l => l > 0).Sum(l => Math.Pow(2, -l)), 1e-12);
                for (int symbol = 0; symbol < counts.Length; symbol++)
                    Assert.AreEqual(counts[symbol] > 0, lengths[symbol] > 0);
            }
        });

    [TestMethod]
    public void LengthsOf_KnownFrequencies_AreHuffmansLengths()
    {
        // The example of the textbooks: a 45, b 13, c 12, d 16, e 9, f 5.
        CollectionAssert.AreEqual(new byte[] { 1, 3, 3, 3, 4, 4 }, LengthsOf([45, 13, 12, 16, 9, 5], 15));
    }

    private static byte[] LengthsOf(int[] counts, int longest)
    {
        byte[] lengths = new byte[counts.Length];
        HuffmanCode.LengthsOf(counts, longest, lengths);
        return lengths;
    }

    private static int Check(Action<RunDeflate> write, params byte[] expected)
    {
        using var stream = new MemoryStream();
        using (var deflate = new RunDeflate(stream))
        {
            write(deflate);
            deflate.Finish();
        }

        int length = (int)stream.Length;
        stream.Position = 0;
        using var zlib = new ZLibStream(stream, CompressionMode.Decompress);
        using var read = new MemoryStream();
        zlib.CopyTo(read);
        Assert.IsTrue(read.ToArray().AsSpan().SequenceEqual(expected),
            $"{expected.Length} bytes were written, {read.Length} read, or other ones");
        Assert.AreEqual(length, stream.Position, "something stands behind the stream");
        return length;
    }
}
