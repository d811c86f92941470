using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Tests.Rendering;

[TestClass]
public sealed class MosaicTests
{
    // The maps alone, a pixel for each value.
    private static readonly MosaicOptions Bare = new() { MinTileSize = 1, Gap = 0, Legend = false, Marks = false };

    [TestMethod]
    public void Draw_ChannelsLast_IsThePictureOfTheTensorWithItsChannelsFirst()
    {
        float[] first = [.. Enumerable.Range(0, 6 * 20).Select(i => (float)Math.Sin(i))], last = new float[first.Length];
        for (int i = 0; i < last.Length; i++)
            last[i] = first[i % 6 * 20 + i / 6];
        MosaicOptions behind = Bare with { Channels = ChannelLayout.Last };

        using IndexedPicture expected = Mosaic.Draw(first, new(1, 6, 4, 5), "", Bare),
            actual = Mosaic.Draw(last, new(1, 4, 5, 6), "", behind);
        CollectionAssert.AreEqual(expected.EncodePng(), actual.EncodePng());
        using IndexedPicture one = Mosaic.DrawChannel(first, new(1, 6, 4, 5), 3, "", Bare);
        using IndexedPicture other = Mosaic.DrawChannel(last, new(1, 4, 5, 6), 3, "", behind);
        CollectionAssert.AreEqual(one.EncodePng(), other.EncodePng());
    }

    [TestMethod]
    public void Draw_TileMode_IsNormalizeAndApplyColorMapOfOpenCv()
    {
        var shape = new TensorShape(1, 12, 33, 70);
        float[] values = Noise((int)shape.Count);
        foreach (ColormapTypes colormap in new[] { ColormapTypes.Viridis, ColormapTypes.Jet })
        {
            using IndexedPicture picture = Mosaic.Draw(values, shape, "", Bare with { Colormap = colormap, Columns = 4 });
            using Mat bgr = picture.ToBgr();
            int same = 0;
            for (int map = 0; map < 12; map++)
            {
                using Mat source = Mat.FromPixelData(33, 70, MatType.CV_32FC1, values[(map * 33 * 70)..((map + 1) * 33 * 70)]);
                using var indices = new Mat();
                Cv2.Normalize(source, indices, 0, 255, NormTypes.MinMax, MatType.CV_8U);
                var place = new Rect(map % 4 * 70, map / 4 * 33, 70, 33);
                using Mat drawn = picture.Indices.SubMat(place);
                // OpenCV takes the minimum off after the multiplication, so that a value near a half may round the other way.
                Assert.IsLessThanOrEqualTo(1, Cv2.Norm(indices, drawn, NormTypes.INF));
                using var equal = new Mat();
                Cv2.Compare(indices, drawn, equal, CmpTypes.EQ);
                same += Cv2.CountNonZero(equal);
                using var expected = new Mat();
                Cv2.ApplyColorMap(drawn, expected, colormap);
                using Mat coloured = bgr.SubMat(place);
                Assert.AreEqual(0, Cv2.Norm(expected, coloured, NormTypes.INF));
            }

            Assert.IsGreaterThan(0.999 * values.Length, same);
        }
    }

    [TestMethod]
    public void Draw_LayerMode_ScalesAllMapsTogether() =>
        // 0..10 over all: 2.5 is 63.75, 5 is 127.5 (half up), 7.5 is 191.25.
        AssertIndices(ScaleMode.Layer, [0, 2.5f, 5, 5, 7.5f, 10, 10, 0], [0, 64, 128, 128, 191, 255, 255, 0]);

    [TestMethod]
    public void Draw_TileMode_ScalesEachMapAlone() =>
        AssertIndices(ScaleMode.Tile, [0, 2.5f, 5, 10, -1, 0, 1, 1], [0, 64, 128, 255, 0, 128, 255, 255]);

    [TestMethod]
    public void Draw_StandardMode_HasTheMeanAt128AndAStdIn64() =>
        // −1, 1: mean 0, std 1. The other: mean 4, std sqrt(12), so 10 is at 128 + 6 / 3.4641 · 64 = 238.85 and 2 at 91.05.
        AssertIndices(ScaleMode.Standard, [-1, 1, -1, 1, 2, 2, 2, 10], [64, 192, 64, 192, 91, 91, 91, 239]);

    [TestMethod]
    public void Draw_StandardMode_ClipsBeyondTwoStds()
    {
        float[] values = new float[100];
        values[3] = 50;
        values[4] = -50;
        using IndexedPicture picture = Mosaic.Draw(values, new(1, 1, 10, 10), "", Bare with { Scaling = ScaleMode.Standard });
        Assert.AreEqual((255, 0, 128), (picture.Indices.At<byte>(0, 3), picture.Indices.At<byte>(0, 4), picture.Indices.At<byte>(5, 5)));
    }

    [TestMethod]
    public void Draw_Raw255Mode_MultipliesAndClips() =>
        AssertIndices(ScaleMode.Raw255, [-1, 0, 0.5f, 1, 2, 0.25f, 1 / 255f, 254 / 255f], [0, 0, 128, 255, 255, 64, 1, 254]);

    [TestMethod]
    public void Draw_SymmetricMode_HasZeroAt128() =>
        // The largest magnitude, 4, is 127 steps away from 128; 1 is 31.75, −2 is −63.5.
        AssertIndices(ScaleMode.Symmetric, [-2, 0, 1, 4, 0, 0, -1, 2], [65, 128, 160, 255, 128, 128, 96, 192]);

    [TestMethod]
    public void Draw_GivenRange_TakesThePlaceOfTheMeasuredOne()
    {
        MosaicOptions options = Bare with { Columns = 2, Scaling = ScaleMode.Layer, Range = new ValueRange(0, 20) };
        using IndexedPicture picture = Mosaic.Draw([0, 5, 10, 30], new(1, 1, 2, 2), "", options);
        CollectionAssert.AreEqual(new byte[] { 0, 64, 128, 255 }, Bytes(picture.Indices));
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(7)]
    [DataRow(8)]
    [DataRow(9)]
    [DataRow(31)]
    public void Draw_SmallMaps_AreEnlargedWithoutSmoothing(int factor)
    {
        var shape = new TensorShape(1, 3, 5, 6);
        float[] values = Noise((int)shape.Count);
        using IndexedPicture small = Mosaic.Draw(values, shape, "", Bare with { Columns = 3 });
        using IndexedPicture large = Mosaic.Draw(values, shape, "", Bare with { Columns = 3, MinTileSize = 5 * factor });
        using var expected = new Mat();
        Cv2.Resize(small.Indices, expected, default, large.Width / small.Width, large.Height / small.Height, InterpolationFlags.Nearest);
        Assert.IsGreaterThanOrEqualTo(5 * factor, large.Height);
        Assert.AreEqual(expected.Size(), large.Indices.Size());
        Assert.AreEqual(0, Cv2.Norm(expected, large.Indices, NormTypes.INF));
    }

    [TestMethod]
    public void Draw_SampleOfABatch_IsThatSample()
    {
        float[] batch = Noise(3 * 4 * 10 * 10);
        using IndexedPicture second = Mosaic.Draw(batch, new(3, 4, 10, 10), "", Bare with { Sample = 1 });
        using IndexedPicture alone = Mosaic.Draw(batch[400..800], new(1, 4, 10, 10), "", Bare);
        AssertSame(alone, second);
    }

    [TestMethod]
    public void Draw_MapsWithoutABatchAxis_AreDrawnAlike()
    {
        float[] values = Noise(4 * 10 * 10);
        using IndexedPicture four = Mosaic.Draw(values, new(1, 4, 10, 10), "", Bare);
        using IndexedPicture three = Mosaic.Draw(values, new(4, 10, 10), "", Bare);
        using IndexedPicture five = Mosaic.Draw(values, new(1, 2, 2, 10, 10), "", Bare);
        AssertSame(four, three);
        AssertSame(four, five);
    }

    [TestMethod]
    public void DrawChannel_LayerMode_HasTheColoursOfTheMosaic()
    {
        float[] values = Noise(4 * 10 * 12);
        MosaicOptions options = Bare with { Scaling = ScaleMode.Layer, Columns = 4 };
        using IndexedPicture mosaic = Mosaic.Draw(values, new(1, 4, 10, 12), "", options);
        using IndexedPicture channel = Mosaic.DrawChannel(values, new(1, 4, 10, 12), 2, "", options);
        using Mat tile = mosaic.Indices.SubMat(new Rect(24, 0, 12, 10));
        Assert.AreEqual(tile.Size(), channel.Indices.Size());
        Assert.AreEqual(0, Cv2.Norm(tile, channel.Indices, NormTypes.INF));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Mosaic.DrawChannel(values, new(1, 4, 10, 12), 4, "", options).Dispose());
    }

    [TestMethod]
    public void Draw_NonFiniteValues_AreCheckeredAndTheRestUnchanged()
    {
        float[] values = Noise(10 * 10);
        MosaicOptions options = Bare with { MinTileSize = 80, Colormap = null };
        (values[0], values[1]) = (0, 1);
        using IndexedPicture before = Mosaic.Draw(values, new(1, 1, 10, 10), "", options);
        foreach (float odd in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            values[25] = odd;
            using IndexedPicture after = Mosaic.Draw(values, new(1, 1, 10, 10), "", options with { Marks = true });
            int size = after.Width / 10;
            var place = new Rect(5 * size, 2 * size, size, size);
            using Mat block = after.Indices.SubMat(place);
            byte[] seen = [.. Bytes(block).Distinct().Order()];
            CollectionAssert.AreEqual(new[] { after.Palette.Ground, after.Palette.Ink }, seen, $"{odd}: black and white squares");
            Cv2.Rectangle(after.Indices, place, Scalar.Black, -1);
            Cv2.Rectangle(before.Indices, place, Scalar.Black, -1);
            // All other rows above the words in the last two rows of the map.
            using Mat restBefore = before.Indices.SubMat(new Rect(0, 0, before.Width, 8 * size));
            using Mat restAfter = after.Indices.SubMat(new Rect(0, 0, after.Width, 8 * size));
            // Places that are the ground's and the words' are moved by one.
            Assert.IsLessThanOrEqualTo(1, Cv2.Norm(restBefore, restAfter, NormTypes.INF), $"{odd}");
            using Mat words = after.Indices.SubMat(new Rect(0, 8 * size, 6 * size, 2 * size));
            Assert.IsGreaterThan(20, Bytes(words).Count(index => index == after.Palette.Ink), $"{odd}: a word");
        }
    }

    [TestMethod]
    public void Draw_ConstantMap_IsFaintWithAWord()
    {
        float[] values = new float[2 * 10 * 10];
        Array.Fill(values, 7, 0, 100);
        Noise(100).CopyTo(values, 100);
        MosaicOptions options = Bare with { MinTileSize = 80, Colormap = null, Columns = 1 };
        using IndexedPicture plain = Mosaic.Draw(values, new(1, 2, 10, 10), "", options);
        using IndexedPicture marked = Mosaic.Draw(values, new(1, 2, 10, 10), "", options with { Marks = true });
        int side = plain.Width;
        using Mat flat = plain.Indices.SubMat(new Rect(0, 0, side, side));
        using Mat faint = marked.Indices.SubMat(new Rect(0, 0, side, side));
        Assert.HasCount(1, Bytes(flat).Distinct());
        Assert.IsGreaterThan(0.9, Bytes(faint).Count(index => index == marked.Palette.Faint) / (double)(side * side));
        Assert.IsGreaterThan(10, Bytes(faint).Count(index => index == marked.Palette.Ink), "a word");
        using Mat otherPlain = plain.Indices.SubMat(new Rect(0, side, side, side));
        using Mat otherMarked = marked.Indices.SubMat(new Rect(0, side, side, side));
        Assert.IsLessThanOrEqualTo(1, Cv2.Norm(otherPlain, otherMarked, NormTypes.INF));
    }

    [TestMethod]
    public void Draw_Legend_IsAboveTheSameMosaic()
    {
        float[] values = Noise(64 * 20 * 20);
        using IndexedPicture bare = Mosaic.Draw(values, new(1, 64, 20, 20), "relu1", Bare);
        using IndexedPicture framed = Mosaic.Draw(values, new(1, 64, 20, 20), "relu1", Bare with { Legend = true });
        Assert.IsGreaterThan(bare.Height + 60, framed.Height);
        int top = framed.Height - bare.Height - Legend.Margin;
        using Mat content = framed.Indices.SubMat(new Rect(Legend.Margin, top, bare.Width, bare.Height));
        Assert.IsLessThanOrEqualTo(1, Cv2.Norm(bare.Indices, content, NormTypes.INF));
        using Mat legend = framed.Indices.SubMat(new Rect(0, 0, framed.Width, top));
        Assert.IsGreaterThan(150, Bytes(legend).Distinct().Count(), "a colour bar");
    }

    [TestMethod]
    [DataRow(new long[] { 1, 0, 3, 3 })]
    [DataRow(new long[] { 0, 3, 2, 2 })]
    [DataRow(new long[] { 1, 3, 0, 2 })]
    [DataRow(new long[] { 0 })]
    [DataRow(new long[] { })]
    [DataRow(new long[] { 1 })]
    [DataRow(new long[] { 1, 1, 1, 1 })]
    [DataRow(new long[] { 1, 70_000, 2, 2 })]
    [DataRow(new long[] { 1, 300_000, 1, 1 })]
    [DataRow(new long[] { 1, 1, 1, 1_000_000 })]
    [DataRow(new long[] { 1, 2, 200_000, 3 })]
    [DataRow(new long[] { 1, 1, 1, 1, 1, 2, 3, 4 })]
    public void Draw_StrangeShapes_GivesAPictureOfBoundedSize(long[] dims)
    {
        var shape = new TensorShape(dims);
        float[] values = new float[shape.Count];
        float[] fills = [1, float.NaN, float.NegativeInfinity, 0, float.PositiveInfinity];
        foreach ((ScaleMode mode, float fill) in Enum.GetValues<ScaleMode>().Zip(fills))
        {
            Array.Fill(values, fill);
            using IndexedPicture picture = Mosaic.Draw(values, shape, "strange", new() { Scaling = mode });
            Assert.IsTrue(picture.Width is > 0 and < 33_000 && picture.Height is > 0 and < 33_000, $"{picture.Width}x{picture.Height}");
        }
    }

    [TestMethod]
    public void Draw_TitlesOfAnyKind_AreWrittenWithinThePicture()
    {
        float[] values = Noise(4 * 20 * 20);
        foreach (string title in new[] { "", new string('x', 5000), "图层 ü \ud83d\ude00 \0\n\t", "\ud800 alone", "/a\\b:*?\"<>|" })
            using (IndexedPicture picture = Mosaic.Draw(values, new(1, 4, 20, 20), title, new()))
                Assert.IsLessThan(600, picture.Width);
    }

    private static void AssertIndices(ScaleMode mode, float[] values, byte[] expected)
    {
        using IndexedPicture picture = Mosaic.Draw(values, new(1, 2, 2, 2), "", Bare with { Columns = 1, Scaling = mode });
        CollectionAssert.AreEqual(expected, Bytes(picture.Indices), string.Join(' ', Bytes(picture.Indices)));
    }

    private static void AssertSame(IndexedPicture expected, IndexedPicture actual)
    {
        Assert.AreEqual(expected.Indices.Size(), actual.Indices.Size());
        Assert.AreEqual(0, Cv2.Norm(expected.Indices, actual.Indices, NormTypes.INF));
    }

    private static byte[] Bytes(Mat indices)
    {
        using Mat dense = indices.Clone();
        return dense.AsSpan<byte>().ToArray();
    }

    private static float[] Noise(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 6 - 2))];
    }
}
