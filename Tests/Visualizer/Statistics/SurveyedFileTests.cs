using CnnOnnx.Onnx;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class SurveyedFileTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void TryRead_WhatWasWritten_IsTheSameToTheLastBit()
    {
        SurveyedPicture picture = Picture();
        SurveyedFile.Write(_folder.Path, picture);
        var read = new SurveyedPicture("p");

        Assert.IsTrue(SurveyedFile.TryRead(_folder.Path, read));
        Assert.AreEqual(picture.NonFinite, read.NonFinite);
        Assert.HasCount(2, read.Maps);
        foreach ((SurveyedMaps wanted, SurveyedMaps found) in picture.Maps.Zip(read.Maps))
        {
            Assert.AreEqual((wanted.Tensor, wanted.Op, wanted.Sample, wanted.Area), (found.Tensor, found.Op, found.Sample, found.Area));
            CollectionAssert.AreEqual(wanted.Facts, found.Facts);
            CollectionAssert.AreEqual(wanted.Saturated, found.Saturated);
            CollectionAssert.AreEqual(wanted.Projected, found.Projected);
        }
    }

    [TestMethod]
    public void TryRead_CutOffAnywhere_SaysNo()
    {
        SurveyedFile.Write(_folder.Path, Picture());
        byte[] whole = File.ReadAllBytes(_folder.File(SurveyedFile.FileName));
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_folder.File(SurveyedFile.FileName), whole[..length]);
            var read = new SurveyedPicture("p");
            Assert.IsFalse(SurveyedFile.TryRead(_folder.Path, read), $"{length} of {whole.Length} bytes");
            Assert.IsEmpty(read.Maps);
        }
    }

    [TestMethod]
    public void TryRead_NoFile_SaysNo() => Assert.IsFalse(SurveyedFile.TryRead(_folder.Path, new SurveyedPicture("p")));

    // Two samples of three channels, in one of which are NaN and infinities.
    private static SurveyedPicture Picture()
    {
        var random = new Random(5);
        float[] values = [.. Enumerable.Range(0, 2 * 3 * 20).Select(i => i % 7 == 0 ? 0 : random.NextSingle() * 2 - 1)];
        (values[21], values[22], values[23]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity);
        var shape = new TensorShape(2, 3, 4, 5);
        TensorNumbers numbers = TensorNumbers.Of(values, shape);
        var picture = new SurveyedPicture("p") { NonFinite = new NonFiniteRecord("p", 4, "t", 1, 2) };
        for (int sample = 0; sample < 2; sample++)
            picture.Maps.Add(SurveyedMaps.Of("t", "Tanh", values, shape, sample, numbers.Channels, new SaturationBounds(-0.5f, 0.5f)));
        Assert.IsTrue(picture.Maps[0].Saturated.All(count => count > 0) && !picture.Maps[0].Facts[1].IsFinite);
        return picture;
    }
}
