using CnnOnnx.Imaging;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Tests.Rendering;

[TestClass]
public sealed class KernelPictureTests
{
    private static readonly KernelOptions Bare = new() { Legend = false, Colormap = null };

    [TestMethod]
    [DataRow(ChannelOrder.Rgb, 2)]
    [DataRow(ChannelOrder.Bgr, 0)]
    public void Render_ThreeInputs_AreTheColoursThatTheNetworkTakes(ChannelOrder order, int bgrChannel)
    {
        // One 3x3 kernel that looks at its first input only.
        float[] weights = new float[3 * 9];
        Array.Fill(weights, 1, 0, 9);
        using Mat picture = KernelPicture.Render(weights, new(1, 3, 3, 3), "", Bare with { InputChannels = order });
        Vec3b pixel = picture.At<Vec3b>(picture.Rows / 2, picture.Cols / 2);
        for (int c = 0; c < 3; c++)
            Assert.AreEqual(c == bgrChannel ? 255 : 128, pixel[c]);
    }

    [TestMethod]
    public void Render_ThreeInputsSymmetric_HaveZeroInGray()
    {
        float[] weights = new float[3 * 9];
        weights[0] = -2;
        using Mat picture = KernelPicture.Render(weights, new(1, 3, 3, 3), "", Bare with { Symmetric = true });
        Assert.AreEqual(new Vec3b(128, 128, 128), picture.At<Vec3b>(picture.Rows - 1, picture.Cols - 1));
        Assert.AreEqual(new Vec3b(128, 128, 1), picture.At<Vec3b>(0, 0));
    }

    [TestMethod]
    public void Render_Grid_HasOutputsInRowsAndInputsInColumns()
    {
        // Two outputs, four inputs, 2x2; every kernel plane filled with 10 · output + input.
        float[] weights =
            [.. Enumerable.Range(0, 2).SelectMany(o => Enumerable.Range(0, 4).SelectMany(i => Enumerable.Repeat(10f * o + i, 4)))];
        using Mat picture = KernelPicture.Render(weights, new(2, 4, 2, 2), "", Bare with { Scaling = KernelScaling.Layer });
        for (int o = 0; o < 2; o++)
            for (int i = 0; i < 4; i++)
                Assert.AreEqual((10.0 * o + i) / 13 * 255, At(picture, (2 * o + 1) / 4.0, (2 * i + 1) / 8.0), 0.51);
    }

    [TestMethod]
    public void Render_InputsFirst_ChangesPlacesOnly()
    {
        float[] weights = [.. Enumerable.Range(0, 2 * 5 * 4).Select(i => (float)Math.Sin(i))];
        float[] swapped =
            [.. Enumerable.Range(0, 5)
                .SelectMany(o => Enumerable.Range(0, 2).SelectMany(i => weights.AsSpan((i * 5 + o) * 4, 4).ToArray()))];
        using Mat expected = KernelPicture.Render(swapped, new(5, 2, 2, 2), "", Bare);
        using Mat actual = KernelPicture.Render(weights, new(2, 5, 2, 2), "", Bare with { InputsFirst = true });
        Assert.AreEqual(expected.Size(), actual.Size());
        Assert.AreEqual(0, Cv2.Norm(expected, actual, NormTypes.INF));
    }

    [TestMethod]
    public void Render_ByKernel_GivesEveryOutputTheWholeRange()
    {
        // The second output's weights are a thousandth of the first one's.
        float[] weights = [0, 1, 2, 3, 0, 0.001f, 0.002f, 0.003f];
        using Mat byKernel = KernelPicture.Render(weights, new(2, 1, 2, 2), "", Bare);
        using Mat byLayer = KernelPicture.Render(weights, new(2, 1, 2, 2), "", Bare with { Scaling = KernelScaling.Layer });
        Assert.AreEqual((255, 255), (At(byKernel, 0.99, 0.45), At(byKernel, 0.99, 0.99)));
        Assert.AreEqual((255, 0), (At(byLayer, 0.99, 0.45), At(byLayer, 0.99, 0.99)));
    }

    [TestMethod]
    [DataRow(new long[] { 3, 4 })]
    [DataRow(new long[] { 3, 4, 1, 1 })]
    public void Render_OnePixelKernels_AreAMatrix(long[] dims)
    {
        float[] weights = [.. Enumerable.Range(0, 12).Select(i => (float)i)];
        using Mat picture = KernelPicture.Render(weights, new TensorShape(dims), "", Bare);
        // Beside it stand the norms.
        Assert.AreEqual(new Size(4 * 24 + 8 + 64, 3 * 24), picture.Size());
        for (int i = 0; i < 12; i++)
            // Around zero; a place that is the ground's is moved by one.
            Assert.AreEqual(128 + i / 11.0 * 127, picture.At<Vec3b>(i / 4 * 24 + 12, i % 4 * 24 + 12)[0], 1.51);
    }

    [TestMethod]
    [DataRow(new long[] { 512, 512, 3, 3 })]
    [DataRow(new long[] { 4096, 2048 })]
    [DataRow(new long[] { 2000, 1, 5, 5 })]
    [DataRow(new long[] { 700, 3, 11, 11 })]
    [DataRow(new long[] { 100_000, 1, 3, 3 })]
    [DataRow(new long[] { 512, 4, 3, 3 })]
    [DataRow(new long[] { 2, 2, 40, 40 })]
    [DataRow(new long[] { 6, 4, 3, 3, 3 })]
    [DataRow(new long[] { 16, 8, 9 })]
    [DataRow(new long[] { 6 })]
    [DataRow(new long[] { })]
    [DataRow(new long[] { 4, 0, 3, 3 })]
    public void Render_AnySize_IsAPictureOfBoundedSize(long[] dims)
    {
        var shape = new TensorShape(dims);
        using Mat picture = KernelPicture.Render(new float[shape.Count], shape, "w", new());
        Assert.AreEqual(MatType.CV_8UC3, picture.Type());
        Assert.IsTrue(picture.Cols <= 2300 && picture.Rows <= 2300, $"{picture.Cols}x{picture.Rows}");
    }

    [TestMethod]
    public void First_MoreThanThereIsRoomFor_KeepsTheFirstOnesAndSaysSo()
    {
        var whole = KernelSet.Of([.. Enumerable.Range(0, 24).Select(i => (float)i)], new(3, 4, 2), inputsFirst: false);
        KernelSet kept = whole.First(2, 3);
        CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13 }, kept.Weights);
        Assert.AreEqual("first 2 of 3 outputs, first 3 of 4 inputs", kept.DescribeWithin(whole));
        Assert.AreEqual("first 3 of 4 inputs", whole.First(9, 3).DescribeWithin(whole));
        Assert.AreEqual("", whole.First(9, 9).DescribeWithin(whole));
    }

    [TestMethod]
    public void Render_SixAxes_AreRefused() =>
        Assert.ThrowsExactly<ArgumentException>(() => KernelPicture.Render(new float[1], new(1, 1, 1, 1, 1, 1), "", Bare).Dispose());

    private static byte At(Mat picture, double y, double x) => picture.At<Vec3b>((int)(y * picture.Rows), (int)(x * picture.Cols))[0];
}
