using CnnOnnx.Imaging;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;
using OpenCvSharp;

namespace CnnOnnx.Tests.Imaging;

[TestClass]
public sealed class PreprocessorTests
{
    // Where values are 1 at most, float has seven digits of them and two operations round.
    private const double Rounding = 1e-6;

    [TestMethod]
    [DataRow(ChannelOrder.Rgb)]
    [DataRow(ChannelOrder.Bgr)]
    public void ToTensor_SizeThatFits_IsTheFormulaForEveryPixel(ChannelOrder order)
    {
        var spec = new InputSpec { Size = new(11, 13), Channels = order, Mean = [0.1, 0.2, 0.3], Std = [0.5, 0.25, 2] };
        using Mat picture = Noise(13, 11);
        TensorData tensor = Preprocessor.ToTensor(picture, spec);
        Assert.AreEqual(new TensorShape(1, 3, 13, 11), tensor.Shape);
        ReadOnlySpan<float> values = tensor.As<float>();
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < 13; y++)
                for (int x = 0; x < 11; x++)
                {
                    int bgrChannel = order == ChannelOrder.Rgb ? 2 - c : c;
                    double expected = (picture.At<Vec3b>(y, x)[bgrChannel] / 255.0 - spec.Mean[c]) / spec.Std[c];
                    Assert.AreEqual(expected, values[(c * 13 + y) * 11 + x], Rounding * 4, $"channel {c} at ({x}, {y})");
                }
    }

    [TestMethod]
    public void ToTensor_Raw255_IsThePixelItself()
    {
        using Mat picture = Noise(6, 5);
        float[] values = Preprocessor.ToTensor(picture, InputPresets.Parse("raw255") with { Size = new(5, 6) }).ToFloats();
        Assert.AreEqual(picture.At<Vec3b>(2, 3)[2], values[2 * 5 + 3]);
        Assert.AreEqual(picture.At<Vec3b>(5, 4)[0], values[2 * 30 + 29]);
    }

    [TestMethod]
    public void ToTensor_Gray_WeighsTheColours()
    {
        // ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B, rounded to a whole pixel value by OpenCV.
        using var picture = new Mat(4, 4, MatType.CV_8UC3, new Scalar(200, 100, 50));
        float[] values = Preprocessor.ToTensor(picture, new InputSpec { Size = new(4, 4), Channels = ChannelOrder.Gray, Range = 255 })
            .ToFloats();
        Assert.HasCount(16, values);
        Assert.AreEqual(0.299 * 50 + 0.587 * 100 + 0.114 * 200, values[7], 0.5);
    }

    [TestMethod]
    public void ToTensor_HalfTheSize_AveragesFourPixels()
    {
        using Mat picture = Noise(8, 6);
        var spec = new InputSpec { Size = new(3, 4), Channels = ChannelOrder.Bgr, Range = 255 };
        float[] values = Preprocessor.ToTensor(picture, spec).ToFloats();
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 3; x++)
            {
                double sum = picture.At<Vec3b>(2 * y, 2 * x)[0] + picture.At<Vec3b>(2 * y, 2 * x + 1)[0]
                    + picture.At<Vec3b>(2 * y + 1, 2 * x)[0] + picture.At<Vec3b>(2 * y + 1, 2 * x + 1)[0];
                // Rounded to a whole pixel value, halves either way.
                Assert.AreEqual(sum / 4, values[y * 3 + x], 0.5, $"({x}, {y})");
            }
    }

    [TestMethod]
    public void ToTensor_TwiceTheSize_IsLinearBetweenPixels()
    {
        // Pixel centres: output x lies at (x + 0.5) / 2 − 0.5 = −0.25, 0.25, 0.75, 1.25 of the input.
        using Mat picture = Mat.FromPixelData(1, 2, MatType.CV_8UC1, new byte[] { 0, 200 });
        float[] values = Preprocessor.ToTensor(picture, new InputSpec { Size = new(4, 1), Channels = ChannelOrder.Gray, Range = 255 })
            .ToFloats();
        CollectionAssert.AreEqual(new float[] { 0, 50, 150, 200 }, values);
    }

    [TestMethod]
    public void ToTensor_Letterbox_FillsWithGray114()
    {
        using var picture = new Mat(10, 40, MatType.CV_8UC3, Scalar.White);
        var spec = new InputSpec { Size = new(20, 20), Resize = ResizeMode.Letterbox, Mean = [0.5, 0.5, 0.5], Std = [0.5, 0.5, 0.5] };
        float[] values = Preprocessor.ToTensor(picture, spec).ToFloats();
        for (int y = 0; y < 20; y++)
        {
            double expected = y is >= 7 and < 12 ? 1 : (114 / 255.0 - 0.5) / 0.5;
            Assert.AreEqual(expected, values[y * 20 + 3], Rounding, $"row {y}");
        }
    }

    [TestMethod]
    public void ToTensor_Crop_TakesTheMiddle()
    {
        using var picture = new Mat(10, 30, MatType.CV_8UC3, Scalar.Black);
        Cv2.Rectangle(picture, new Rect(10, 0, 10, 10), Scalar.White, -1);
        float[] values = Preprocessor.ToTensor(picture, new InputSpec { Size = new(5, 5), Resize = ResizeMode.Crop }).ToFloats();
        Assert.IsTrue(values.All(v => v == 1), string.Join(' ', values));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(4)]
    public void ToTensor_EveryDepth_ComesToTheSameRange(int channels)
    {
        var spec = new InputSpec { Size = new(4, 4) };
        foreach ((int depth, double value) in new[] { (MatType.CV_8U, 51.0), (MatType.CV_16U, 51.0 * 257), (MatType.CV_32F, 0.2) })
        {
            using var picture = new Mat(4, 4, MatType.MakeType(depth, channels), Scalar.All(value));
            float[] values = Preprocessor.ToTensor(picture, spec).ToFloats();
            Assert.HasCount(48, values);
            foreach (float v in values)
                Assert.AreEqual(0.2, v, Rounding, $"depth {depth}, {channels} channels");
        }
    }

    [TestMethod]
    public void ToNchw_OnePictureAfterAnother_DoesNotMixThemUp()
    {
        var spec = new InputSpec { Size = new(32, 32), Resize = ResizeMode.Letterbox };
        using var tensorizer = new PictureTensorizer(spec);
        foreach ((int rows, int columns, int channels) in new[] { (50, 20, 3), (20, 50, 1), (32, 32, 4), (5, 90, 3) })
        {
            using var picture = new Mat(rows, columns, MatType.CV_8UC(channels), new Scalar(10, 20, 30, 40));
            float[] reused = new float[tensorizer.Length];
            tensorizer.ToNchw(picture, reused);
            CollectionAssert.AreEqual(Preprocessor.ToTensor(picture, spec).ToFloats(), reused, $"{columns}x{rows}x{channels}");
        }
    }

    [TestMethod]
    public void ToNchw_PartOfALargerMat_IsReadByItsOwnRows()
    {
        using Mat whole = Noise(20, 20);
        using Mat part = whole.SubMat(new Rect(3, 4, 8, 8));
        using Mat copy = part.Clone();
        var spec = new InputSpec { Size = new(8, 8) };
        CollectionAssert.AreEqual(Preprocessor.ToTensor(copy, spec).ToFloats(), Preprocessor.ToTensor(part, spec).ToFloats());
    }

    [TestMethod]
    public void ToNchw_WrongRoomOrPicture_SaysWhatWasExpected()
    {
        var spec = new InputSpec { Size = new(5, 4) };
        using var picture = new Mat(4, 5, MatType.CV_8UC3, Scalar.Black);
        using var empty = new Mat();
        using var twoChannels = new Mat(4, 5, MatType.CV_8UC2, Scalar.Black);
        float[] room = new float[60];
        Assert.AreEqual("Expected room for 3x4x5 = 60 floats, got 59.",
            Assert.ThrowsExactly<ArgumentException>(() => Preprocessor.ToNchw(picture, spec, room.AsSpan(1))).Message);
        Assert.ThrowsExactly<ArgumentException>(() => Preprocessor.ToNchw(empty, spec, room));
        Assert.AreEqual("Expected a picture of 1, 3 or 4 channels, got CV_8UC2 of 5x4.",
            Assert.ThrowsExactly<ArgumentException>(() => Preprocessor.ToNchw(twoChannels, spec, room)).Message);
    }

    private static Mat Noise(int rows, int columns)
    {
        byte[] bytes = new byte[rows * columns * 3];
        new Random(5).NextBytes(bytes);
        using Mat source = Mat.FromPixelData(rows, columns, MatType.CV_8UC3, bytes);
        return source.Clone();
    }
}
