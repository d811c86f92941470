using System.Text;
using CnnOnnx.Rendering;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Rendering;

[TestClass]
public sealed class IndexedPictureTests
{
    [TestMethod]
    public void WritePng_EveryColormap_IsDecodedToTheColoursOfApplyColorMap()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in Colormaps.Names)
        {
            ColormapTypes? colormap = Colormaps.Parse(name);
            using IndexedPicture picture = Ramp(new Size(256, 3), colormap);
            using var expected = new Mat();
            if (colormap is { } type)
                Cv2.ApplyColorMap(picture.Indices, expected, type);
            else
                Cv2.CvtColor(picture.Indices, expected, ColorConversionCodes.GRAY2BGR);

            picture.WritePng(folder.File($"{name}.png"));
            using Mat decoded = Cv2.ImDecode(File.ReadAllBytes(folder.File($"{name}.png")), ImreadModes.Unchanged);
            using Mat bgr = picture.ToBgr();
            foreach (Mat actual in new[] { decoded, bgr })
            {
                Assert.AreEqual((expected.Size(), MatType.CV_8UC3), (actual.Size(), actual.Type()), name);
                Assert.AreEqual(0, Cv2.Norm(expected, actual, NormTypes.INF), name);
            }

            CollectionAssert.AreEqual(expected.AsSpan<byte>()[..768].ToArray(), picture.PaletteBgr.ToArray(), name);
        }
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(1, 1000)]
    [DataRow(1000, 1)]
    [DataRow(333, 77)]
    public void EncodePng_AnySize_IsDecodedByOpenCv(int width, int height)
    {
        using IndexedPicture picture = Ramp(new Size(width, height), ColormapTypes.Turbo);
        using Mat expected = picture.ToBgr();
        using Mat decoded = Cv2.ImDecode(picture.EncodePng(), ImreadModes.Color);
        Assert.AreEqual(expected.Size(), decoded.Size());
        Assert.AreEqual(0, Cv2.Norm(expected, decoded, NormTypes.INF));
    }

    [TestMethod]
    public void EncodePng_Chunks_ArePaletteOf256AndRightChecksums()
    {
        using IndexedPicture picture = Ramp(new Size(20, 10), ColormapTypes.Viridis);
        byte[] png = picture.EncodePng();
        CollectionAssert.AreEqual(
            new byte[] { 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', 0, 0, 0, 20, 0, 0, 0, 10, 8, 3, 0, 0, 0 }, png[8..29]);
        Assert.AreEqual("PLTE", Encoding.ASCII.GetString(png, 37, 4));
        Assert.AreEqual(768, png[35] * 256 + png[36]);
        // The last chunk is the same in every PNG.
        CollectionAssert.AreEqual(
            new byte[] { 0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xae, 0x42, 0x60, 0x82 }, png[^12..]);
    }

    [TestMethod]
    [DataRow(70_001, 3, "wider than a block of rows")]
    [DataRow(1300, 900, "several chunks of data")]
    public void EncodePng_Noise_IsDecodedByOpenCvToTheSameIndices(int width, int height, string what)
    {
        // Gray, so that a colour is its index; noise, which deflate makes longer than it is.
        using var picture = new IndexedPicture(new Size(width, height), Palette.Of(null));
        new Random(5).NextBytes(picture.Indices.AsSpan<byte>());
        using Mat decoded = Cv2.ImDecode(picture.EncodePng(), ImreadModes.Grayscale);
        Assert.AreEqual(0, Cv2.Norm(picture.Indices, decoded, NormTypes.INF), what);
    }

    [TestMethod]
    public void EncodePng_EnlargedMaps_KeepEveryRowAndStaySmall()
    {
        float[] values = [.. Enumerable.Range(0, 64 * 14 * 14).Select(i => MathF.Sin(i * i * 0.37f))];
        using IndexedPicture small = Mosaic.Draw(values, new(1, 64, 14, 14), "", new MosaicOptions { MinTileSize = 1, Colormap = null });
        using IndexedPicture large = Mosaic.Draw(values, new(1, 64, 14, 14), "", new MosaicOptions { MinTileSize = 70, Colormap = null });
        byte[] png = large.EncodePng();
        using Mat decoded = Cv2.ImDecode(png, ImreadModes.Color);
        using Mat drawn = large.ToBgr();
        Assert.AreEqual(0, Cv2.Norm(drawn, decoded, NormTypes.INF));
        // 25 times the pixels, all of them copies.
        Assert.IsLessThan(3 * small.EncodePng().Length, png.Length);
    }

    [TestMethod]
    [DataRow("smooth", "Above", "Left")]
    [DataRow("noise", "None")]
    [DataRow("enlarged twice", "Left")]
    public void RowFilter_Picture_GetsTheOneThatMakesItSmallest(string what, params string[] expected)
    {
        using var picture = new IndexedPicture(new Size(600, 400), Palette.Of(null));
        var random = new Random(2);
        using var noise = new Mat(what == "enlarged twice" ? new Size(300, 200) : picture.Indices.Size(), MatType.CV_8UC1);
        // Few colours: differences of noise are of twice as many.
        foreach (ref byte pixel in noise.AsSpan<byte>())
            pixel = (byte)random.Next(32);
        if (what == "smooth")
            Cv2.GaussianBlur(noise, picture.Indices, new Size(9, 9), 0);
        else
            Cv2.Resize(noise, picture.Indices, picture.Indices.Size(), interpolation: InterpolationFlags.Nearest);

        RowFilter chosen = RowFilter.For(picture.Pixels);
        Assert.Contains(chosen, expected.Select(Named), what);
        using Mat decoded = Cv2.ImDecode(picture.EncodePng(), ImreadModes.Grayscale);
        Assert.AreEqual(0, Cv2.Norm(picture.Indices, decoded, NormTypes.INF), what);
    }

    [TestMethod]
    public void AnyUse_AfterDispose_IsRefused()
    {
        using var folder = new TemporaryFolder();
        foreach (bool isSeen in new[] { false, true })
        {
            var picture = Mosaic.Draw([1, 2, 3, 4], new(1, 1, 2, 2), "", new MosaicOptions());
            Pixels pixels = picture.Pixels;
            if (isSeen)
                Assert.IsFalse(picture.Indices.Empty());
            picture.Dispose();
            picture.Dispose();
            Assert.ThrowsExactly<ObjectDisposedException>(picture.EncodePng);
            Assert.ThrowsExactly<ObjectDisposedException>(() => picture.WritePng(folder.File("late.png")));
            Assert.ThrowsExactly<ObjectDisposedException>(() => picture.Indices);
            Assert.ThrowsExactly<ObjectDisposedException>(picture.ToBgr);
            // Also whoever drew into them and still has them.
            Assert.ThrowsExactly<ObjectDisposedException>(() => pixels.Fill(new Rect(0, 0, 1, 1), 0));
        }

        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void Dispose_Twice_GivesTheMemoryBackOnce()
    {
        var size = new Size(1 << 10, 1 << 10);
        var first = new Pixels(size, 1);
        first.Dispose();
        first.Dispose();
        // Given back twice, the pool would lend the same memory to both.
        using Pixels second = new(size, 2), third = new(size, 3);
        Assert.AreEqual((2, 3), (second.Row(5)[5], third.Row(5)[5]));
    }

    [TestMethod]
    [DataRow(PictureTheme.Light)]
    [DataRow(PictureTheme.Dark)]
    public void Palette_EveryColormap_HasWordsThatStandOutAndNoValueOfTheirColours(PictureTheme theme)
    {
        IEnumerable<Palette> all = Colormaps.Names.Select(name => Palette.Of(Colormaps.Parse(name), theme));
        foreach (Palette palette in all.Append(Palette.Diverging(theme)))
        {
            Assert.IsGreaterThan(200, Math.Abs(Luma(palette, palette.Ink) - Luma(palette, palette.Ground)));
            Assert.AreEqual((palette.Ground, palette.Ink), (palette.TextShades[0], palette.TextShades[255]));
            byte[] places = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
            palette.Reserve(places);
            Assert.IsTrue(places.Select((place, i) => place - i).All(moved => moved is 0 or 1));
            Assert.IsEmpty(palette.TextShades.ToArray().Intersect(places));
        }
    }

    [TestMethod]
    public void Palette_Alone_IsTheColormapsOwn()
    {
        Palette palette = Palette.Of(ColormapTypes.Viridis);
        byte[] places = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        palette.Reserve(places);
        CollectionAssert.AreEqual(Enumerable.Range(0, 256).Select(i => (byte)i).ToArray(), places);
    }

    private static RowFilter Named(string name) => name switch { "Left" => RowFilter.Left, "Above" => RowFilter.Above, _ => RowFilter.None };

    private static double Luma(Palette palette, int index) =>
        0.114 * palette.Bgr[3 * index] + 0.587 * palette.Bgr[3 * index + 1] + 0.299 * palette.Bgr[3 * index + 2];

    private static IndexedPicture Ramp(Size size, ColormapTypes? colormap)
    {
        var picture = new IndexedPicture(size, Palette.Of(colormap));
        for (int y = 0; y < size.Height; y++)
            for (int x = 0; x < size.Width; x++)
                picture.Indices.Set(y, x, (byte)(x + 3 * y * y));
        return picture;
    }
}
