using CnnOnnx.Detection;
using CnnOnnx.Onnx;
using OpenCvSharp;

namespace CnnOnnx.Tests.Detection;

/// <summary>SSD, TensorFlow, torchvision and their kin, worked by hand.</summary>
[TestClass]
public sealed class SuppressedLayoutTests
{
    [TestMethod]
    public void TensorFlow_CountsClassesFromOne()
    {
        var graph = new HeadGraph([1, 64, 64, 3], "image_tensor:0")
            .Emit("detection_boxes:0", [0.25f, 0.5f, 0.75f, 1, 0, 0, 1, 1], [1, 2, 4])
            .Emit("detection_scores:0", [0.9f, 0], [1, 2])
            .Emit("detection_classes:0", [18, 1], [1, 2])
            .Emit("num_detections:0", [1], [1]);

        Detections found = graph.Detect(new Size(200, 100), new DetectorOptions { Labels = ClassNames.CocoByNumber });

        Assert.AreEqual("64x64 rgb, stretch, 0..255", found.Preprocessing.ToString());
        DetectedBox box = found.Boxes.Single();
        BoxAssert.Is(box, 17, 0.9, 100, 25, 200, 75);
        // 18 is COCO's dog.
        Assert.AreEqual("dog", box.Label);
        Assert.AreEqual("detection_scores:0[0]", box.Origin.Class.ToString());
    }

    [TestMethod]
    public void SsdZoo_IsParts()
    {
        var graph = new HeadGraph([1, 3, 64, 64], "image")
            .Emit("bboxes", [0.5f, 0.25f, 1, 0.75f, 0, 0, 0.1f, 0.1f], [1, 2, 4])
            .EmitIntegers("labels", [1, 2], [1, 2])
            .Emit("scores", [0.9f, 0.3f], [1, 2]);

        Detections found = graph.Detect(new Size(200, 100));

        Assert.AreEqual("64x64 rgb, stretch, 0..1, mean [0.485, 0.456, 0.406], std [0.229, 0.224, 0.225]", found.Preprocessing.ToString());
        BoxAssert.Is(found.Boxes.Single(), 0, 0.9, 100, 25, 200, 75);
    }

    [TestMethod]
    public void Torchvision_IsPixelsOfItsInput()
    {
        var graph = new HeadGraph([3, 64, 64], "image", normalizes: true)
            .Emit("5012", [32, 16, 64, 48, 1, 1, 2, 2], [2, 4])
            .EmitIntegers("5013", [3, 0], [2])
            .Emit("5014", [0.9f, 0.8f], [2])
            .Emit("5015", new float[2 * 64 * 64], [2, 1, 64, 64]);

        using Detector detector = Detector.Open(graph.Build());
        Detections found = graph.Detect(new Size(128, 64));

        CollectionAssert.AreEqual(new[] { "its masks are not drawn" }, detector.Reader.Remarks.ToArray());
        Assert.AreEqual("torchvision", detector.Reader.Layout);
        Assert.AreEqual("64x64 rgb, stretch, 0..1", found.Preprocessing.ToString());
        // Label 0 is background and no box.
        BoxAssert.Is(found.Boxes.Single(), 2, 0.9, 64, 16, 128, 48);
    }

    [TestMethod]
    public void MaskRcnnBenchmark_LeavesTheMeanToItsUser()
    {
        var graph = new HeadGraph([3, 64, 64], "image")
            .Emit("6379", [32, 16, 64, 48], [1, 4]).EmitIntegers("6381", [1], [1]).Emit("6383", [0.9f], [1]);

        Detections found = graph.Detect(new Size(64, 64));

        var named = new DetectorOptions { Labels = ["__background__", "cat"] };
        Assert.AreEqual("cat", graph.Detect(new Size(64, 64), named).Boxes.Single().Label);
        Assert.AreEqual("64x64 bgr, stretch, 0..255, mean [102.9801, 115.9465, 122.7717]", found.Preprocessing.ToString());
        BoxAssert.Is(found.Boxes.Single(), 0, 0.9, 32, 16, 64, 48);
    }

    [TestMethod]
    public void Ssd300_DecodesItsPriors()
    {
        const int rows = 8732;
        // The first prior of the last map: one cell, 300 pixels, scale .87; shifted by .1·2·.87·300 = 52.2 pixels, twice as wide.
        float[] boxes = Rows.Of(rows, 4, (rows - 4, [-2, 0, MathF.Log(0.5f) / 0.2f, MathF.Log(0.5f) / 0.2f]));
        float[] scores = Rows.Of(rows, 3, (rows - 4, [0, MathF.Log(2), MathF.Log(6)]));
        for (int row = 0; row < rows; row++)
            if (row != rows - 4)
                scores[row * 3] = 20;
        var graph = new HeadGraph([1, 3, 300, 300], "input").Emit("loc", boxes, [1, rows, 4]).Emit("conf", scores, [1, rows, 3]);

        DetectedBox box = graph.Detect(new Size(300, 300)).Boxes.Single();

        // Softmax of 1, 2, 6: background counts. Centre 150 − 52.2; half of .87·300 = 261 is 130.5.
        BoxAssert.Is(box, 1, 6 / 9.0, 97.8 - 65.25, 150 - 65.25, 97.8 + 65.25, 150 + 65.25, pixels: 1e-3);
        CollectionAssert.AreEqual(new[] { MathF.Log(6) }, graph.ValuesAt(box.Origin.Class));
    }

    [TestMethod]
    public void Ssd300_HasTorchvisionsPriors()
    {
        IReadOnlyList<PriorBox> priors = PriorBoxes.Ssd300();

        Assert.HasCount(8732, priors);
        // Of cell (0, 0) of 38×38: half a pitch of 8 pixels, sides .07, √(.07·.15), .07·√2 and .07/√2.
        Assert.AreEqual(4 / 300.0, priors[0].X, 1e-12);
        CollectionAssert.AreEqual(new[] { 0.07, 0.102470, 0.098995, 0.049497 },
            priors.Take(4).Select(p => Math.Round(p.Width, 6)).ToArray());
        CollectionAssert.AreEqual(new[] { 0.07, 0.102470, 0.049497, 0.098995 },
            priors.Take(4).Select(p => Math.Round(p.Height, 6)).ToArray());
    }
}
