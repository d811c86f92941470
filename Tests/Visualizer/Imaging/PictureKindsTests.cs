using System.Buffers.Binary;
using System.Text;
using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Imaging;

/// <summary>Kinds of pictures that the decoder leaves half done to its caller, or does not know.</summary>
[TestClass]
public sealed class PictureKindsTests
{
    [TestMethod]
    public void Read_CaseOfExifWithAlpha_IsTurned()
    {
        using Mat read = PictureFile.Read(SharedData.RequireCase("exif6-with-alpha.png"));
        Assert.AreEqual(new Size(24, 40), read.Size());
        Assert.AreEqual(new Vec3b(255, 0, 0), read.At<Vec3b>(0, 0));
        Assert.AreEqual(new Vec3b(0, 255, 0), read.At<Vec3b>(39, 23));
    }

    [TestMethod]
    public void Read_CaseOfGrayWithTransparency_LiesOverWhite()
    {
        using Mat read = PictureFile.Read(SharedData.RequireCase("grey8-trns.png"));
        Assert.AreEqual("0 255 225", $"{Gray(read, 0, 0)} {Gray(read, 0, 1)} {Gray(read, 7, 15)}");
    }

    [TestMethod]
    public void Read_CaseOfFloats_IsARampFromBlackToWhite()
    {
        using Mat read = PictureFile.Read(SharedData.RequireCase("float32-grey.tif"));
        for (int x = 0; x < 40; x++)
            Assert.AreEqual(x * 0.025 * 255, Gray(read, 5, x), 0.51);
    }

    [TestMethod]
    public void Read_CaseOfWhiteIsZero_IsWhiteAtZero()
    {
        using Mat read = PictureFile.Read(SharedData.RequireCase("white-is-zero-16.tif"));
        Assert.AreEqual(255, Gray(read, 0, 0));
        Assert.AreEqual(255 - 1600 / 257.0, Gray(read, 0, 1), 0.51);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(4)]
    [DataRow(8)]
    [DataRow(16)]
    public void Read_GrayPngWithTransparency_LiesOverWhite(int bits)
    {
        int white = (1 << bits) - 1;
        int[,] samples = new int[5, 9];
        for (int y = 0; y < 5; y++)
            for (int x = 0; x < 9; x++)
                samples[y, x] = (x + y) * (white / 15 + 1) & white;
        foreach (bool interlaced in new[] { false, true })
        {
            using Mat read = PictureFile.Decode(HandmadePictures.GrayPng(bits, samples, samples[0, 1], interlaced), "gray.png");
            for (int y = 0; y < 5; y++)
                for (int x = 0; x < 9; x++)
                {
                    double expected = samples[y, x] == samples[0, 1] ? 255 : samples[y, x] * 255.0 / white;
                    Assert.AreEqual(expected, Gray(read, y, x), 0.51, $"{interlaced} {x} {y}");
                }
        }
    }

    [TestMethod]
    public void Read_ExifWithAlpha_IsTurnedAsOpaquePicturesAre()
    {
        using Mat opaque = TestPictures.Noise(5, 9);
        using Mat clear = opaque.CvtColor(ColorConversionCodes.BGR2BGRA);
        for (int orientation = 1; orientation <= 8; orientation++)
        {
            byte[] png = HandmadePictures.WithExif(PictureFile.Encode(opaque, ".png"), orientation);
            using Mat expected = PictureFile.Decode(png, "opaque.png");
            Assert.AreEqual(orientation > 4, expected.Width == 5);
            using Mat turned = PictureFile.Decode(HandmadePictures.WithExif(PictureFile.Encode(clear, ".png"), orientation), "clear.png");
            AssertSame(expected, turned);
            Cv2.ImEncode(".webp", clear, out byte[] webp, new ImageEncodingParam(ImwriteFlags.WebPQuality, 101));
            using Mat other = PictureFile.Decode(HandmadePictures.WebPWithExif(webp, 9, 5, orientation), "clear.webp");
            AssertSame(expected, other);
        }
    }

    [TestMethod]
    public void Read_TiffOfDeepSamples_IsARamp()
    {
        double[] ramp = [.. Enumerable.Range(0, 32).Select(i => i / 31.0)];
        foreach (bool big in new[] { false, true })
            foreach (int photometric in new[] { 0, 1 })
            {
                Check(16, 1, v => (ushort)Math.Round(v * ushort.MaxValue), BitConverter.GetBytes);
                Check(32, 1, v => (uint)Math.Round(v * uint.MaxValue), BitConverter.GetBytes);
                Check(32, null, v => (uint)Math.Round(v * uint.MaxValue), BitConverter.GetBytes);
                Check(32, 2, v => (int)Math.Round(v * int.MaxValue), BitConverter.GetBytes);
                Check(32, 3, v => (float)v, BitConverter.GetBytes);
                Check(64, 3, v => v, BitConverter.GetBytes);

                void Check<T>(int bits, int? format, Func<double, T> number, Func<T, byte[]> bytes)
                {
                    byte[] samples = [.. ramp.SelectMany(v => big ? bytes(number(v)).Reverse() : bytes(number(v)))];
                    byte[] tiff = HandmadePictures.Tiff(8, 4, bits, format, photometric, samples, bigEndian: big);
                    using Mat read = PictureFile.Decode(tiff, "ramp.tif");
                    for (int i = 0; i < 32; i++)
                    {
                        double expected = 255 * (photometric == 0 ? 1 - ramp[i] : ramp[i]);
                        Assert.AreEqual(expected, Gray(read, i / 8, i % 8), 0.51, $"{bits} {format} {photometric} {big} {i}");
                    }
                }
            }
    }

    [TestMethod]
    public void Read_OneBitTiff_IsWhiteWhereItSays()
    {
        byte[] samples = [0b0101_0000];
        using Mat plain = PictureFile.Decode(HandmadePictures.Tiff(4, 1, 1, null, 1, samples), "1.tif");
        using Mat inverse = PictureFile.Decode(HandmadePictures.Tiff(4, 1, 1, null, 0, samples), "1.tif");
        Assert.AreEqual("0 255 / 255 0", $"{Gray(plain, 0, 0)} {Gray(plain, 0, 1)} / {Gray(inverse, 0, 0)} {Gray(inverse, 0, 1)}");
    }

    [TestMethod]
    public void Read_DeepTiffWithAlpha_LiesOverWhiteAsItIsMultipliedOrNot()
    {
        // Black at 40 %; white at 40 %, multiplied and not. Extra samples of no meaning are no transparency.
        ushort[] shorts = [0, 0, 0, 26214, 65535, 65535, 65535, 26214, 26214, 26214, 26214, 26214];
        byte[] samples = [.. shorts.SelectMany(BitConverter.GetBytes)];
        foreach ((int extra, string expected) in new[] { (2, "153 255 194"), (1, "153 255 255"), (0, "0 255 102") })
        {
            using Mat read = PictureFile.Decode(HandmadePictures.Tiff(3, 1, 16, 1, 2, samples, channels: 4, extra), "alpha.tif");
            Assert.AreEqual(expected, $"{Gray(read, 0, 0)} {Gray(read, 0, 1)} {Gray(read, 0, 2)}");
        }
    }

    [TestMethod]
    public void Read_FloatsOutsideTheirRange_AreClippedOrNamed()
    {
        using Mat read = Floats(-0.09f, 0.5f, 1.09f);
        Assert.AreEqual("0 128 255", $"{Gray(read, 0, 0)} {Gray(read, 0, 1)} {Gray(read, 0, 2)}");
        const string Expected = "expected 0 (black) to 1 (white); scale it, or give its numbers as .npy";
        AssertRefused($"f.tif: the TIFF picture has samples from 0 to 254.5; {Expected}", () => Floats(0, 17, 254.5f));
        AssertRefused("f.tif: the TIFF picture has NaN or infinite samples; expected numbers from 0 (black) to 1 (white)",
            () => Floats(0, float.NaN, 1));

        static Mat Floats(params float[] values) =>
            PictureFile.Decode(HandmadePictures.Tiff(3, 1, 32, 3, 1, [.. values.SelectMany(BitConverter.GetBytes)]), "f.tif");
    }

    [TestMethod]
    public void Read_KindThatIsNotDecoded_IsNotCalledDamaged()
    {
        const string WayOut = "save it as PNG, or with 8 or 16 bits and without compression";
        AssertRefused($"h.tif: TIFF pictures with 16-bit float samples are not read; {WayOut}",
            () => PictureFile.Decode(HandmadePictures.Tiff(4, 1, 16, 3, 1, new byte[8]), "h.tif"));
        AssertRefused($"h.tif: TIFF pictures with 4-bit integer samples are not read; {WayOut}",
            () => PictureFile.Decode(HandmadePictures.Tiff(4, 1, 4, 1, 1, new byte[2]), "h.tif"));
        AssertRefused("c.tif: the TIFF picture is damaged or cut off",
            () => PictureFile.Decode(HandmadePictures.Tiff(4, 1, 16, 1, 1, [])[..^12], "c.tif"));
    }

    [TestMethod]
    [DataRow("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n", "a Radiance HDR picture")]
    [DataRow("v/1\u0001\u0002\0\0\0", "an OpenEXR picture")]
    [DataRow("\0\0\0\u0020ftypavif\0\0\0\0", "an AVIF picture")]
    [DataRow("\0\0\0\u0020ftypheic\0\0\0\0", "a HEIC picture")]
    [DataRow("<svg xmlns=", "an SVG drawing")]
    [DataRow("<!DOCTYPE html><title>404", "an HTML page")]
    [DataRow("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer ('git lfs pull' fetches the picture itself)")]
    public void Read_OtherFile_IsNamed(string start, string name) =>
        AssertRefused($"x.png: is {name}, which is not read; expected one of PNG, JPEG, BMP, WebP, GIF, TIFF, PNM",
            () => PictureFile.Decode(Encoding.Latin1.GetBytes(start), "x.png"));

    [TestMethod]
    [DataRow("P2 4 1 15\n0 1 7 15\n", "0 17 119 255")]
    [DataRow("P5 4 1 15\n\0\u0001\u0007\u000f", "0 17 119 255")]
    [DataRow("P2\n# a comment 9 9\n4 1 1000\n0 200 500 1000\n", "0 51 128 255")]
    [DataRow("P5 4 1 1000\n\0\0\0\u00c8\u0001\u00f4\u0003\u00e8", "0 51 128 255")]
    [DataRow("P1 4 1\n1 0 1 0\n", "0 255 0 255")]
    [DataRow("P4 4 1\n\u00a0", "0 255 0 255")]
    public void Read_Pnm_HasWhiteAtItsLargestNumber(string file, string expected)
    {
        using Mat read = PictureFile.Decode(Encoding.Latin1.GetBytes(file), "x.pgm");
        Assert.AreEqual(expected, string.Join(' ', Enumerable.Range(0, 4).Select(x => Gray(read, 0, x))));
    }

    [TestMethod]
    public void Read_BmpWithAlpha_LiesOverWhite()
    {
        using var picture = new Mat(1, 2, MatType.CV_8UC4, new Scalar(0, 0, 0, 255));
        picture.Set(0, 1, new Vec4b(0, 0, 0, 0));
        using Mat read = PictureFile.Decode(PictureFile.Encode(picture, ".bmp"), "a.bmp");
        Assert.AreEqual("0 255", $"{Gray(read, 0, 0)} {Gray(read, 0, 1)}");
    }

    [TestMethod]
    [DataRow(".png")]
    [DataRow(".jpg")]
    [DataRow(".tif")]
    [DataRow(".bmp")]
    public void Read_Panorama_IsRead(string ending)
    {
        using var wide = new Mat(100, 17_000, MatType.CV_8UC3, Scalar.White);
        using Mat read = PictureFile.Decode(PictureFile.Encode(wide, ending), "wide");
        Assert.AreEqual(new Size(17_000, 100), read.Size());
        float[] input = new float[3 * 32 * 32];
        Preprocessor.ToNchw(read, InputPresets.Parse("unit") with { Size = new Size(32, 32) }, input);
        Assert.IsTrue(Array.TrueForAll(input, v => v == 1));
    }

    [TestMethod]
    public void Read_MoreThanADecoderTakes_IsRefusedByItsSide()
    {
        byte[] png = HandmadePictures.GrayPng(8, new int[1, 1], 0, false);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 1_000_001);
        AssertRefused("l.png: the picture is 1000001x1; expected at most 200 megapixels and 1000000 pixels a side; make it smaller",
            () => PictureFile.Decode(png, "l.png"));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Dump_DamagedPictures_SaysNothingButOurLines()
    {
        using var folder = new TemporaryFolder();
        using Mat noise = TestPictures.Noise(60, 60);
        byte[] png = PictureFile.Encode(noise, ".png"), jpeg = PictureFile.Encode(noise, ".jpg");
        png[png.Length / 2] ^= 0xff;
        // libjpeg warns of bytes between segments, and goes on.
        Directory.CreateDirectory(folder.File("in"));
        File.WriteAllBytes(folder.File("in", "odd.jpg"), [.. jpeg[..^2], 1, 2, 3, .. jpeg[^2..]]);
        File.WriteAllBytes(folder.File("in", "bad.png"), png);
        File.WriteAllBytes(folder.File("in", "half.tif"), HandmadePictures.Tiff(4, 1, 16, 3, 1, new byte[8]));
        string model = Path.Combine(Repository.Root, "models", "lenet.onnx");
        ProgramRun run = VisualizerProcess.Start("dump", model, folder.File("in"), "--out", folder.File("out")).Finish();
        foreach (string word in new[] { "libpng", "Corrupt JPEG", "OpenCV", "grfmt", "[ WARN", "[ERROR" })
            Assert.DoesNotContain(word, run.Error);
        Assert.Contains("bad.png: the PNG picture is damaged or cut off", run.Error);
    }

    private static int Gray(Mat picture, int y, int x)
    {
        Vec3b pixel = picture.At<Vec3b>(y, x);
        Assert.AreEqual(pixel.Item0, pixel.Item2);
        return pixel.Item1;
    }

    private static void AssertRefused(string message, Func<Mat> read) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<BadInputException>(() => read().Dispose()).Message);

    private static void AssertSame(Mat expected, Mat actual)
    {
        Assert.AreEqual(expected.Size(), actual.Size());
        Assert.AreEqual(0, Cv2.Norm(expected, actual, NormTypes.INF));
    }
}
