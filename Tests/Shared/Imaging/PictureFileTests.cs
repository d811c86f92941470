using System.Buffers.Binary;
using System.Text;
using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Imaging;

[TestClass]
public sealed class PictureFileTests
{
    // Blue, green, red: three values that differ, so that swapped channels show.
    private static readonly Vec3b Colour = new(200, 100, 50);

    [TestMethod]
    [DataRow(".png")]
    [DataRow(".bmp")]
    [DataRow(".tif")]
    public void Read_LosslessColour_GivesTheSamePixels(string extension)
    {
        using Mat picture = Noise(17, 23);
        using var folder = new TemporaryFolder();
        string path = folder.File("a b", "图片 ü" + extension);
        PictureFile.Write(path, picture);
        using Mat read = PictureFile.Read(path);
        AssertSame(picture, read);
    }

    [TestMethod]
    public void Read_Jpeg_IsCloseToTheOriginal()
    {
        using var picture = new Mat(64, 64, MatType.CV_8UC3, new Scalar(200, 100, 50));
        using Mat read = Roundtrip(picture, ".jpg");
        // A flat picture loses only what the change to YCbCr and back rounds away.
        AssertPixel(read, 30, 30, Colour, tolerance: 2);
    }

    [TestMethod]
    public void Read_Gray_BecomesThreeEqualChannels()
    {
        using var gray = new Mat(5, 7, MatType.CV_8UC1, new Scalar(77));
        using Mat read = Roundtrip(gray, ".png");
        AssertPixel(read, 4, 6, new Vec3b(77, 77, 77));
    }

    [TestMethod]
    public void Read_SixteenBits_AreScaledToEight()
    {
        // 257 · v is v of 255 as a part of 65535; the 100 more than that round down.
        using var deep = new Mat(3, 3, MatType.CV_16UC3, new Scalar(257 * 200, 257 * 100 + 100, 257 * 50));
        using Mat read = Roundtrip(deep, ".png");
        AssertPixel(read, 1, 1, Colour);
    }

    [TestMethod]
    public void Read_PngWithAlpha_IsLaidOverWhite()
    {
        using var picture = new Mat(1, 3, MatType.CV_8UC4, new Scalar(200, 100, 50, 0));
        picture.Set(0, 1, new Vec4b(200, 100, 50, 255));
        picture.Set(0, 2, new Vec4b(200, 100, 50, 102));
        using Mat read = Roundtrip(picture, ".png");
        AssertOverWhite(read);
    }

    [TestMethod]
    public void Read_TiffWithAlpha_IsLaidOverWhite()
    {
        // Entries of tag, type (3 is short), count, value: width, height, bits (at 134), no compression, RGB, pixels (at 142),
        // samples, rows in the strip, its bytes, one extra sample that is alpha.
        (int Tag, int Count, int Value)[] entries =
            [(256, 1, 3), (257, 1, 1), (258, 4, 134), (259, 1, 1), (262, 1, 2), (273, 1, 142), (277, 1, 4), (278, 1, 1), (279, 1, 12),
                (338, 1, 2)];
        byte[] tiff =
        [
            .. "II*\0"u8, 8, 0, 0, 0, 10, 0,
            .. entries.SelectMany(
                e => new byte[] { (byte)e.Tag, (byte)(e.Tag >> 8), 3, 0, (byte)e.Count, 0, 0, 0, (byte)e.Value, 0, 0, 0 }),
            0, 0, 0, 0, 8, 0, 8, 0, 8, 0, 8, 0,
            50, 100, 200, 0, 50, 100, 200, 255, 50, 100, 200, 102,
        ];
        using Mat read = PictureFile.Decode(tiff, "alpha.tif");
        AssertOverWhite(read);
    }

    [TestMethod]
    public void Read_OneBitBmp_IsBlackAndWhite()
    {
        // 2x2, 1 bit: rows from the bottom, each padded to 4 bytes; palette black, white.
        byte[] bmp =
        [
            (byte)'B', (byte)'M', 70, 0, 0, 0, 0, 0, 0, 0, 62, 0, 0, 0,
            40, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0, 255, 255, 255, 0,
            0b0100_0000, 0, 0, 0,
            0b1000_0000, 0, 0, 0,
        ];
        using Mat read = PictureFile.Decode(bmp, "one.bmp");
        AssertPixel(read, 0, 0, new Vec3b(255, 255, 255));
        AssertPixel(read, 0, 1, new Vec3b(0, 0, 0));
        AssertPixel(read, 1, 0, new Vec3b(0, 0, 0));
        AssertPixel(read, 1, 1, new Vec3b(255, 255, 255));
    }

    [TestMethod]
    public void Read_Palette_GivesItsColours()
    {
        using var picture = CnnOnnx.Rendering.Mosaic.Draw([0, 0.5f, 1, 1], new(1, 1, 2, 2), "", new() { Legend = false, MinTileSize = 1 });
        using Mat expected = picture.ToBgr();
        using Mat read = PictureFile.Decode(picture.EncodePng(), "palette.png");
        AssertSame(expected, read);
    }

    [TestMethod]
    public void Read_ExifOrientation_TurnsThePicture()
    {
        // Orientation 6: to be turned a quarter clockwise, so that what was on the left is on top.
        using var picture = new Mat(16, 32, MatType.CV_8UC3, Scalar.White);
        Cv2.Rectangle(picture, new Rect(0, 0, 16, 16), Scalar.Black, -1);
        byte[] jpeg = PictureFile.Encode(picture, ".jpg");
        byte[] exif =
        [
            0xff, 0xe1, 0, 34, .. Encoding.ASCII.GetBytes("Exif\0\0"), .. Encoding.ASCII.GetBytes("MM\0*"), 0, 0, 0, 8,
            0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
        ];
        using Mat read = PictureFile.Decode([.. jpeg[..2], .. exif, .. jpeg[2..]], "turned.jpg");
        Assert.AreEqual(new Size(16, 32), read.Size());
        AssertPixel(read, 4, 8, new Vec3b(0, 0, 0), tolerance: 3);
        AssertPixel(read, 28, 8, new Vec3b(255, 255, 255), tolerance: 3);
    }

    [TestMethod]
    public void Read_OnePixel_Works()
    {
        using var picture = new Mat(1, 1, MatType.CV_8UC3, new Scalar(200, 100, 50));
        using Mat read = Roundtrip(picture, ".png");
        Assert.AreEqual(new Size(1, 1), read.Size());
        AssertPixel(read, 0, 0, Colour);
    }

    [TestMethod]
    public void Read_Missing_SaysSo()
    {
        using var folder = new TemporaryFolder();
        AssertRefused(folder.File("no.png"), "no such file, expected a picture");
    }

    [TestMethod]
    public void Read_Folder_SaysSo()
    {
        using var folder = new TemporaryFolder();
        AssertRefused(folder.Path, "is a folder, expected a picture");
    }

    [TestMethod]
    public void Read_EmptyFile_SaysSo()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("empty.png"), []);
        AssertRefused(folder.File("empty.png"), "is empty (0 bytes), expected a picture");
    }

    [TestMethod]
    public void Read_Text_SaysWhatPicturesAre()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("note.png"), "not a picture");
        AssertRefused(folder.File("note.png"), "is not a picture; expected one of PNG, JPEG, BMP, WebP, GIF, TIFF, PNM");
    }

    [TestMethod]
    [DataRow(".png", "PNG")]
    [DataRow(".jpg", "JPEG")]
    [DataRow(".webp", "WebP")]
    public void Read_CutOff_SaysSo(string extension, string format)
    {
        using Mat picture = Noise(64, 64);
        byte[] bytes = PictureFile.Encode(picture, extension);
        foreach (int length in new[] { 16, bytes.Length / 4, bytes.Length / 2 })
        {
            var fault = Assert.ThrowsExactly<BadInputException>(() => PictureFile.Decode(bytes.AsSpan(0, length), "cut").Dispose());
            Assert.AreEqual($"cut: the {format} picture is damaged or cut off", fault.Message);
        }
    }

    [TestMethod]
    public void Read_HugeByItsHeader_IsRefusedBeforeDecoding()
    {
        using var small = new Mat(1, 1, MatType.CV_8UC3, Scalar.Black);
        byte[] png = PictureFile.Encode(small, ".png");
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 20_000);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 20_000);
        var fault = Assert.ThrowsExactly<BadInputException>(() => PictureFile.Decode(png, "huge.png").Dispose());
        Assert.AreEqual(
            "huge.png: the picture is 20000x20000; expected at most 200 megapixels and 1000000 pixels a side; make it smaller",
            fault.Message);
    }

    [TestMethod]
    public void Write_UnknownEnding_SaysWhichThereAre()
    {
        using var picture = new Mat(1, 1, MatType.CV_8UC3, Scalar.Black);
        using var folder = new TemporaryFolder();
        var fault = Assert.ThrowsExactly<BadInputException>(() => PictureFile.Write(folder.File("a.xyz"), picture));
        Assert.AreEqual("Pictures cannot be written as '.xyz'; expected one of .bmp .jpeg .jpg .png .tif .tiff .webp", fault.Message);
    }

    [TestMethod]
    public void Decode_DamagedBytes_AreRefusedInOneLineOrRead()
    {
        using Mat picture = Noise(24, 24);
        var random = new Random(1);
        foreach (string extension in new[] { ".png", ".jpg", ".bmp", ".webp", ".tif" })
        {
            byte[] whole = PictureFile.Encode(picture, extension);
            for (int trial = 0; trial < 200; trial++)
            {
                byte[] damaged = [.. whole];
                for (int i = 0; i <= trial % 4; i++)
                    damaged[random.Next(trial % 2 == 0 ? Math.Min(64, whole.Length) : whole.Length)] = (byte)random.Next(256);
                try
                {
                    using Mat read = PictureFile.Decode(damaged, "damaged");
                    Assert.AreEqual(MatType.CV_8UC3, read.Type());
                    Assert.IsFalse(read.Empty());
                }
                catch (BadInputException fault)
                {
                    Assert.DoesNotContain("\n", fault.Message);
                }
            }
        }
    }

    [TestMethod]
    public void Read_RealPictures_AreAllRead()
    {
        foreach (string path in Directory.EnumerateFiles(SharedData.Require("images"), "*", SearchOption.AllDirectories))
        {
            using Mat read = PictureFile.Read(path);
            Assert.AreEqual(MatType.CV_8UC3, read.Type(), path);
            Assert.IsFalse(read.Empty(), path);
        }
    }

    private static Mat Noise(int rows, int columns)
    {
        var noise = new Mat(rows, columns, MatType.CV_8UC3);
        byte[] bytes = new byte[rows * columns * 3];
        new Random(7).NextBytes(bytes);
        using Mat source = Mat.FromPixelData(rows, columns, MatType.CV_8UC3, bytes);
        source.CopyTo(noise);
        return noise;
    }

    private static Mat Roundtrip(Mat picture, string extension) => PictureFile.Decode(PictureFile.Encode(picture, extension), extension);

    private static void AssertRefused(string path, string why)
    {
        var fault = Assert.ThrowsExactly<BadInputException>(() => PictureFile.Read(path).Dispose());
        Assert.AreEqual($"{path}: {why}", fault.Message);
    }

    private static void AssertOverWhite(Mat read)
    {
        AssertPixel(read, 0, 0, new Vec3b(255, 255, 255));
        AssertPixel(read, 0, 1, Colour);
        // 102 is 40 % of 255: 0.4 · v + 0.6 · 255, rounded once or twice on the way.
        AssertPixel(read, 0, 2, new Vec3b(233, 193, 173), tolerance: 1);
    }

    private static void AssertSame(Mat expected, Mat actual)
    {
        Assert.AreEqual(expected.Size(), actual.Size());
        Assert.AreEqual(MatType.CV_8UC3, actual.Type());
        Assert.AreEqual(0, Cv2.Norm(expected, actual, NormTypes.INF));
    }

    private static void AssertPixel(Mat picture, int y, int x, Vec3b expected, int tolerance = 0)
    {
        Assert.AreEqual(MatType.CV_8UC3, picture.Type());
        Vec3b actual = picture.At<Vec3b>(y, x);
        for (int c = 0; c < 3; c++)
            Assert.AreEqual(expected[c], actual[c], (double)tolerance, $"channel {c} at ({x}, {y})");
    }
}
