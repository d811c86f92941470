using CnnOnnx.Imaging;
using CnnOnnx.Torch.Training;
using OpenCvSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Data;

[TestClass]
public sealed class PictureSetTests
{
    private static readonly InputSpec[] Specs =
    [
        new() { Size = new(7, 9) },
        new() { Size = new(7, 9), Channels = ChannelOrder.Gray, Range = 255 },
        new() { Size = new(30, 20), Resize = ResizeMode.Letterbox, Mean = [0.485, 0.456, 0.406], Std = [0.229, 0.224, 0.225] },
        new() { Size = new(12, 12), Resize = ResizeMode.Crop, Channels = ChannelOrder.Bgr, Range = 255, Mean = [104, 117, 123] },
    ];

    // The referee prepares one picture at a time, as the model's users do. Both round the same products to float32.
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Read_Batch_IsWhatThePreprocessorMakesOfEachPicture(int which)
    {
        using DisposeScope scope = NewDisposeScope();
        InputSpec spec = Specs[which];
        int length = spec.ChannelCount * spec.Height * spec.Width;
        float[][] expected = [new float[length], new float[length], new float[length]];
        var store = new PictureStore(3, length);
        using var set = new PictureSet(spec, ["a", "b"], [1, 0, 1], store);
        using var resizer = new PictureResizer(spec);
        for (int i = 0; i < 3; i++)
        {
            using var picture = new Mat(11, 17, MatType.CV_8UC3);
            new Random(i).NextBytes(picture.AsSpan<byte>());
            Preprocessor.ToNchw(picture, spec, expected[i]);
            resizer.Resize(picture, store[i]);
        }

        (Tensor pictures, Tensor labels) = set.Read([2, 0], CPU);

        CollectionAssert.AreEqual(new long[] { 2, spec.ChannelCount, spec.Height, spec.Width }, pictures.shape);
        CollectionAssert.AreEqual(new long[] { 1, 1 }, labels.data<long>().ToArray());
        float[] got = pictures.data<float>().ToArray(), want = [.. expected[2], .. expected[0]];
        double white = spec.Range;
        for (int i = 0; i < want.Length; i++)
            Assert.AreEqual(want[i], got[i], 1e-6 * white, $"at {i}");
    }

    [TestMethod]
    public void Read_ManyTimes_LeavesOnlyWhatItReturns()
    {
        using var set = new PictureSet(Specs[0], ["a", "b"], [1, 0], new PictureStore(2, 3 * 9 * 7));
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (int i = 0; i < 3; i++)
        {
            (Tensor pictures, Tensor labels) = set.Read([0, 1], CPU);
            pictures.Dispose();
            labels.Dispose();
        }

        Assert.AreEqual(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }
}
