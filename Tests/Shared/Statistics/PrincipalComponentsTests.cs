using CnnOnnx.Rendering;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class PrincipalComponentsTests
{
    [TestMethod]
    [DataRow(5, 400)]
    [DataRow(64, 100)]
    [DataRow(300, 49)]
    public void Of_AFewStrongDirections_AgreesWithOpenCvsPca(int channels, int positions)
    {
        var random = new Random(5);
        float[] scales = [9, 4, 1.5f];
        float[][] sources =
            [.. scales.Select(scale => Enumerable.Range(0, positions).Select(_ => scale * (random.NextSingle() - 0.5f)).ToArray())];
        float[][] sample = [.. Enumerable.Range(0, channels).Select(_ =>
        {
            float[] mix = [.. scales.Select(_ => random.NextSingle() - 0.5f)];
            return Enumerable.Range(0, positions)
                .Select(p => 2 + mix[0] * sources[0][p] + mix[1] * sources[1][p] + mix[2] * sources[2][p] + 0.01f * random.NextSingle())
                .ToArray();
        })];
        // A row for each position: OpenCV's axes and eigenvalues, from its own eigensolver.
        using Mat data = Mat.FromPixelData(channels, positions, MatType.CV_32FC1, sample.SelectMany(r => r).ToArray());
        using Mat rows = data.T();
        using var mean = new Mat();
        using var axes = new Mat();
        using var variances = new Mat();
        Cv2.PCACompute(rows, mean, axes, variances);
        double total = 0;
        int count = variances.Rows;
        for (int i = 0; i < count; i++)
            total += variances.At<float>(i);

        PrincipalComponents found = PrincipalComponents.Of(sample)!;

        for (int k = 0; k < 3; k++)
        {
            double dot = 0;
            for (int c = 0; c < channels; c++)
                dot += found.Weights[k][c] * axes.At<float>(k, c);
            // The axis up to its sign; the noise is 0.01 of the smallest source and turns it a little.
            Assert.AreEqual(1, Math.Abs(dot), 1e-3, $"component {k}");
            Assert.AreEqual(variances.At<float>(k) / total, found.Explained[k], 1e-3, $"component {k}");
        }
    }

    [TestMethod]
    public void Of_ConstantOrNaN_IsNull()
    {
        Assert.IsNull(PrincipalComponents.Of([[1, 1, 1], [2, 2, 2]]));
        Assert.IsNull(PrincipalComponents.Of([[1, float.NaN, 1], [2, 2, 5]]));
    }

    [TestMethod]
    public void Draw_OfThreeIndependentHalves_ColoursPositionsThatDiffer()
    {
        // Two channels: left half against right half. One component holds everything.
        float[] values = [0, 0, 5, 5, 0, 0, 5, 5, 1, 1, 0, 0, 1, 1, 0, 0];
        (Mat picture, double[] explained) = LayerPicture.Draw(values, new TensorShape(1, 2, 2, 4), 0)!.Value;
        using Mat drawn = picture;
        Assert.AreEqual(new Size(4, 2), drawn.Size());
        Assert.AreEqual(1, explained[0], 1e-6);
        Assert.AreEqual(0, drawn.At<Vec3b>(0, 0).Item2);
        Assert.AreEqual(255, drawn.At<Vec3b>(1, 3).Item2);
    }

    [TestMethod]
    public void Draw_OfVectorOrSingleChannel_IsNull()
    {
        Assert.IsNull(LayerPicture.Draw([1, 2, 3], new TensorShape(1, 3), 0));
        Assert.IsNull(LayerPicture.Draw([1, 2, 3, 4], new TensorShape(1, 1, 2, 2), 0));
    }

    [TestMethod]
    public void Draw_ChannelsLast_IsThePictureOfTheTensorWithItsChannelsFirst()
    {
        var random = new Random(4);
        float[] first = [.. Enumerable.Range(0, 6 * 12).Select(_ => random.NextSingle())], last = new float[first.Length];
        for (int i = 0; i < last.Length; i++)
            last[i] = first[i % 6 * 12 + i / 6];
        (Mat expected, _) = LayerPicture.Draw(first, new TensorShape(1, 6, 3, 4), 0)!.Value;
        (Mat actual, _) = LayerPicture.Draw(last, new TensorShape(1, 3, 4, 6), 0, ChannelLayout.Last)!.Value;
        using (expected)
        using (actual)
            Assert.AreEqual(0, Cv2.Norm(expected, actual, NormTypes.INF));
    }
}
