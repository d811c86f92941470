using CnnOnnx.Imaging;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Tests.Imaging;

/// <summary>
/// The preset imagenet against torchvision 0.14.1 (Debian 12) on a drawn picture: Resize(256), CenterCrop(224), ToTensor and Normalize
/// of a Pillow picture; the numbers below are what it printed.
/// </summary>
[TestClass]
public sealed class TorchvisionTests
{
    private const int Width = 500, Height = 375;

    // Both round to whole pixel values on the way; one of them, after the division by the smallest deviation.
    private const double OneLevel = 1 / 255.0 / 0.224;

    // Ramps mean the same to every way of averaging: what is compared is the geometry. A ramp's step from pixel to pixel of the input is
    // a level and more, so that an offset of one pixel fails.
    [TestMethod]
    [DataRow(0, 0, 0, -1.3815)]
    [DataRow(0, 100, 150, 0.5364)]
    [DataRow(0, 223, 223, 1.4783)]
    [DataRow(1, 0, 0, -1.7556)]
    [DataRow(1, 100, 150, -0.0224)]
    [DataRow(1, 223, 223, 2.1310)]
    public void ToTensor_Ramps_AreTorchvisions(int channel, int row, int column, double expected) =>
        Assert.AreEqual(expected, Values()[(channel * 224 + row) * 224 + column], OneLevel);

    // Pillow weighs with a triangle where OpenCV averages an area, so that its picture of edges is a little softer.
    [TestMethod]
    public void ToTensor_Edges_HaveTorchvisionsMeanAndAlmostItsContrast()
    {
        double[] board = [.. Values()[(2 * 224 * 224)..].Select(v => (double)v)];
        double mean = board.Average(), deviation = Math.Sqrt(board.Average(v => (v - mean) * (v - mean)));
        Assert.AreEqual(0.28595, mean, OneLevel);
        Assert.AreEqual(1.61518, deviation, 0.05 * 1.61518);
        Assert.IsGreaterThan(1.61518, deviation);
    }

    private static float[] Values()
    {
        using var picture = new Mat(Height, Width, MatType.CV_8UC3);
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
            {
                int board = (x / 16 + y / 16) % 2 * 200 + 20;
                picture.Set(y, x, new Vec3b((byte)board, (byte)(y * 255 / (Height - 1)), (byte)(x * 255 / (Width - 1))));
            }

        return Preprocessor.ToTensor(picture, InputPresets.Parse("torchvision")).ToFloats();
    }
}
