using System.IO.Compression;
using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Tests.Rendering;

/// <summary>.NET's own zlib unpacks it, and checks the checksum.</summary>
[TestClass]
public sealed class IndexDeflateTests
{
    [TestMethod]
    [DataRow(1, 1, 1, 1)]
    [DataRow(1, 1, 2, 2)]
    [DataRow(2, 3, 1, 1)]
    [DataRow(7, 7, 10, 10)]
    [DataRow(13, 5, 3, 2)]
    [DataRow(300, 200, 1, 1)]
    [DataRow(100, 90, 4, 7)]
    [DataRow(500, 3, 66, 1, DisplayName = "rows too long to be copied")]
    [DataRow(32767, 2, 1, 2, DisplayName = "rows just not too long")]
    [DataRow(400, 400, 2, 1, DisplayName = "several blocks")]
    public void Compress_EnlargedNoise_UnpacksToTheSame(int width, int height, int factorX, int factorY)
    {
        foreach (int values in new[] { 1, 2, 256 })
        {
            using Mat picture = Noise(width, height, factorX, factorY, values);
            CollectionAssert.AreEqual(Rows(picture, front: 5), Unpack(picture, front: 5), $"{values} values");
        }
    }

    [TestMethod]
    public void Compress_RunsOfEveryLength_UnpackToTheSame()
    {
        using var picture = new Mat(1, Enumerable.Range(1, 600).Sum(), MatType.CV_8UC1);
        Span<byte> row = picture.AsSpan<byte>();
        for (int length = 1, x = 0; length <= 600; x += length, length++)
            row.Slice(x, length).Fill((byte)length);
        CollectionAssert.AreEqual(Rows(picture, front: 0), Unpack(picture, front: 0));
    }

    /// <summary>Counts that grow like Fibonacci's numbers give the deepest codes there are: more than deflate's 15 bits.</summary>
    [TestMethod]
    public void Compress_SkewedValues_KeepsCodesShort()
    {
        var values = new List<byte>();
        for (int value = 0, count = 1, before = 1; value < 22; value++, (count, before) = (count + before, count))
            values.AddRange(Enumerable.Repeat((byte)value, count));
        byte[] shuffled = [.. values];
        new Random(1).Shuffle(shuffled);
        using Mat picture = Mat.FromPixelData(1, shuffled.Length, MatType.CV_8UC1, shuffled);
        CollectionAssert.AreEqual(Rows(picture, front: 0), Unpack(picture, front: 0));
    }

    [TestMethod]
    public void Compress_EnlargedNoise_IsNoLargerThanZlibsFastest()
    {
        foreach (int factor in new[] { 1, 3, 10 })
        {
            using Mat picture = Noise(300, 300, factor, factor, 200);
            using IndexDeflate packed = IndexDeflate.Compress(new Pixels(picture), 0);
            using var zlib = new MemoryStream();
            using (var stream = new ZLibStream(zlib, CompressionLevel.Fastest, leaveOpen: true))
                stream.Write(Rows(picture, front: 0));
            Assert.IsLessThanOrEqualTo(zlib.Length, packed.Bytes.Length, $"factor {factor}");
        }
    }

    private static Mat Noise(int width, int height, int factorX, int factorY, int values)
    {
        var random = new Random(width * 31 + values);
        using var small = new Mat(height, width, MatType.CV_8UC1);
        foreach (ref byte pixel in small.AsSpan<byte>())
            pixel = (byte)random.Next(values);
        var large = new Mat();
        Cv2.Resize(small, large, new Size(width * factorX, height * factorY), 0, 0, InterpolationFlags.Nearest);
        return large;
    }

    private static byte[] Rows(Mat picture, byte front)
    {
        var pixels = new Pixels(picture);
        var rows = new List<byte>();
        for (int y = 0; y < pixels.Height; y++)
        {
            rows.Add(front);
            rows.AddRange(pixels.Row(y));
        }

        return [.. rows];
    }

    private static byte[] Unpack(Mat picture, byte front)
    {
        using IndexDeflate packed = IndexDeflate.Compress(new Pixels(picture), front);
        using var stream = new ZLibStream(new MemoryStream(packed.Bytes.ToArray()), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        stream.CopyTo(unpacked);
        return unpacked.ToArray();
    }
}
