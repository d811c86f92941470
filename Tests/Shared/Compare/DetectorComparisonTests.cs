using CnnOnnx.Compare;
using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tests.Support;
using OpenCvSharp;
using static CnnOnnx.Tests.Compare.ModelFaults;

namespace CnnOnnx.Tests.Compare;

/// <summary>Two detectors are compared by their boxes as well.</summary>
[TestClass]
public sealed class DetectorComparisonTests
{
    [TestMethod]
    public void UltraFace_FoldedAndNot_HaveTheSameBoxes()
    {
        BoxComparison boxes = Compare(Read("ultraface_version-RFB-320.onnx"), Read("ultraface_version-RFB-320_simplified.onnx"),
            "ultraface/27.jpg").Boxes!;
        Assert.IsTrue(boxes.AreSame, boxes.ToString());
        Assert.IsGreaterThan(60, boxes.CountA);
        // 1e-4 of a pixel of the network's 320, times the picture's scale, and some room.
        Assert.IsLessThan(0.05, boxes.LargestShift);
        StringAssert.StartsWith(boxes.ToString(), $"Both detectors find the same {boxes.CountA} boxes; edges shift by ");
    }

    [TestMethod]
    public void FastestDet_AndAPerturbedCopy_LosesBoxesThatItsOwnDetectorLoses()
    {
        OnnxModel model = Read("FastestDet.onnx");
        string layer = model.Graph.Nodes.Where(n => n.OpType == "Conv").ElementAt(30).Name;
        OnnxModel noisy = Changed(model, copy => Edit(copy, layer, 1, (values, _) =>
        {
            var random = new Random(3);
            float size = MathF.Sqrt(System.Numerics.Tensors.TensorPrimitives.SumOfSquares<float>(values) / values.Length);
            foreach (ref float value in values)
                value += size * (random.NextSingle() - 0.5f);
        }));
        string[] names = ["grad-cam/both.png", "grad-cam/horses.jpg", "captum/elephant.jpg"];
        ComparisonResult result = Compare(model, noisy, names);
        BoxComparison boxes = result.Boxes!;
        Assert.AreEqual(layer, result.Verdict.First?.Node);
        using Detector left = Detector.Open(model), right = Detector.Open(noisy);
        int[] counts = [.. new[] { left, right }.Select(detector => names.Sum(name => Count(detector, name)))];
        Assert.AreEqual((counts[0], counts[1]), (boxes.CountA, boxes.CountB), "the detectors alone find as many");
        Assert.IsFalse(boxes.AreSame, boxes.ToString());
        Assert.AreEqual(boxes.Lost, boxes.Pictures.Sum(p => p.Lost.Count), "each picture with a change is kept");
        Assert.AreEqual(boxes.New, boxes.Pictures.Sum(p => p.New.Count));

        BoxComparison back = Compare(noisy, model, names).Boxes!;
        Assert.AreEqual((boxes.Lost, boxes.New, boxes.ClassFlips), (back.New, back.Lost, back.ClassFlips), "exchanged, mirrored");
        Assert.AreEqual(boxes.MeanShift, back.MeanShift, 1e-9);
    }

    private static ComparisonResult Compare(OnnxModel a, OnnxModel b, params string[] pictures)
    {
        using var comparer = ModelComparer.Open(a, b, new CompareOptions { LocalInputs = 1, Effects = 0 });
        foreach (string name in pictures)
        {
            using Mat picture = PictureFile.Read(SharedData.Require(["images", .. name.Split('/')]));
            comparer.Add(picture);
        }

        return comparer.Finish();
    }

    private static int Count(Detector detector, string name)
    {
        using Mat picture = PictureFile.Read(SharedData.Require(["images", .. name.Split('/')]));
        return detector.Detect(picture).Boxes.Length;
    }

    private static OnnxModel Read(string name) => OnnxModel.Read(SharedData.Require("onnx-models", "detection", name));
}
