using CnnOnnx.Imaging;
using CnnOnnx.Rendering;
using CnnOnnx.Tests.Imaging;
using CnnOnnx.Tests.Support;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace CnnOnnx.Tests.Rendering;

/// <summary>Nothing that draws or reads pictures leaves a Mat to the garbage collector, which does not know how large it is.</summary>
[TestClass]
[DoNotParallelize]
public sealed class AbandonedMatsTests
{
    [TestMethod]
    public void After_ThreeForgottenMats_CountsThem() => Assert.AreEqual(3, AbandonedMats.After(() =>
    {
        for (int i = 0; i < 3; i++)
            _ = new Mat(2, 2, MatType.CV_8UC1).Rows;
        using var kept = new Mat(2, 2, MatType.CV_8UC1);
    }));

    [TestMethod]
    public void After_ForgottenValueOfTheRuntime_CountsIt() => Assert.AreEqual(2, AbandonedMats.After(typeof(OrtValue), () =>
    {
        for (int i = 0; i < 2; i++)
            _ = OrtValue.CreateTensorValueFromMemory(new float[4], [4]).IsTensor;
        using OrtValue kept = OrtValue.CreateTensorValueFromMemory(new float[4], [4]);
    }));

    [TestMethod]
    public void Drawing_EveryKindOfPicture_DisposesItsMats()
    {
        float[] maps = new float[8 * 20 * 30], vector = new float[3000], weights = new float[30 * 3 * 3 * 3];
        for (int i = 0; i < maps.Length; i++)
            maps[i] = i % 17;
        maps[5] = float.NaN;
        Assert.AreEqual(0, AbandonedMats.After(() =>
        {
            using IndexedPicture mosaic = Mosaic.Draw(maps, new(1, 8, 20, 30), "maps", new());
            using Mat bgr = mosaic.ToBgr();
            using Mat decoded = PictureFile.Decode(mosaic.EncodePng(), "mosaic");
            using Mat bars = BarChart.Render(vector.AsSpan(0, 20), new(1, 20), "vector", new());
            using Mat cells = BarChart.Render(vector, new(1, vector.Length), "vector", new());
            using Mat kernels = KernelPicture.Render(weights, new(30, 3, 3, 3), "weights", new());
            using Mat grid = KernelPicture.Render(weights.AsSpan(0, 15 * 2 * 9), new(15, 2, 3, 3), "weights", new());
            using Mat? layer = LayerPicture.Draw(maps.AsSpan(600), new(7, 20, 30), 0)?.Picture;
            using Mat view = NetworkView.Of(decoded, InputPresets.Parse("imagenet") with { Size = new Size(24, 16) });
            using Mat small = Thumbnail.Of(decoded);
            _ = Preprocessor.ToTensor(
                decoded, InputPresets.Parse("imagenet") with { Size = new Size(32, 32), Resize = ResizeMode.Letterbox });
        }));
    }

    [TestMethod]
    public void Reading_EveryKindOfPicture_DisposesItsMats()
    {
        using Mat noise = TestPictures.Noise(9, 9);
        using Mat clear = noise.CvtColor(ColorConversionCodes.BGR2BGRA);
        List<byte[]> files = [.. new[] { ".png", ".jpg", ".bmp", ".webp", ".tif" }.Select(ending => PictureFile.Encode(noise, ending))];
        files.Add(HandmadePictures.WithExif(PictureFile.Encode(clear, ".png"), 7));
        files.Add(HandmadePictures.GrayPng(4, new int[3, 3], 0, true));
        files.Add(HandmadePictures.Tiff(2, 1, 32, 1, 0, new byte[8]));
        files.Add(HandmadePictures.Tiff(2, 1, 32, 3, 1, new byte[8]));
        files.Add(files[0][..^20]);
        files.Add(HandmadePictures.Tiff(2, 1, 16, 3, 1, new byte[4]));
        Assert.AreEqual(0, AbandonedMats.After(() =>
        {
            foreach (byte[] file in files)
            {
                try
                {
                    PictureFile.Decode(file, "x").Dispose();
                }
                catch (BadInputException)
                {
                    // The damaged ones are meant to be refused.
                }
            }
        }));
    }
}
