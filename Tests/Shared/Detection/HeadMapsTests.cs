using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Detection;

/// <summary>Which cell of which map made a box, and how sure a head is of its cells.</summary>
[TestClass]
public sealed class HeadMapsTests
{
    private static readonly Size Picture = new(32, 32);

    // 3 anchors of 4×4, 2×2 and 1 cells: row 30 is cell 14 of the second anchor, row 48 the first of 2×2.
    [TestMethod]
    [DataRow(30, "HeadCell { Level = 0, Columns = 4, Rows = 4, Column = 2, Row = 3, Anchor = 1 }")]
    [DataRow(48 + 7, "HeadCell { Level = 1, Columns = 2, Rows = 2, Column = 1, Row = 1, Anchor = 1 }")]
    [DataRow(62, "HeadCell { Level = 2, Columns = 1, Rows = 1, Column = 0, Row = 0, Anchor = 2 }")]
    public void V5Rows_AreAnchorsOfThreeMaps(int row, string cell)
    {
        var graph = new HeadGraph([1, 3, 32, 32]).Emit("output0", Rows.Of(63, 7, (row, [16, 12, 8, 4, 0.5f, 0.25f, 0.8f])),
            [1, 63, 7], "Mul");
        Assert.AreEqual(cell, graph.Detect(Picture).Boxes.Single().Origin.Cell!.ToString());
    }

    [TestMethod]
    [DataRow(7, "HeadCell { Level = 0, Columns = 4, Rows = 4, Column = 3, Row = 1, Anchor = 0 }")]
    [DataRow(17, "HeadCell { Level = 1, Columns = 2, Rows = 2, Column = 1, Row = 0, Anchor = 0 }")]
    public void V8Planes_AreCellsOfThreeMaps(int row, string cell)
    {
        var graph = new HeadGraph([1, 3, 32, 32]).Emit("output0", Rows.AsPlanes(21, 6, (row, [16, 12, 8, 4, 0.1f, 0.6f])), [1, 6, 21]);
        Assert.AreEqual(cell, graph.Detect(Picture, new DetectorOptions { Labels = ["a", "b"] }).Boxes.Single().Origin.Cell!.ToString());
    }

    [TestMethod]
    public void V5Rows_Map_IsTheObjectnessOfTheBestAnchor()
    {
        OnnxModel model = new HeadGraph([1, 3, 32, 32]).Emit("output0", Rows.Of(63, 7,
            (5, [16, 12, 8, 4, 0.5f, 0.25f, 0.8f]), (21, [16, 12, 8, 4, 0.7f, 0, 0]), (62, [9, 9, 9, 9, 0.9f, 0, 0])),
            [1, 63, 7], "Mul").Build();
        IReadOnlyList<ScoreMap> maps = Run(model, new Mat(32, 32, MatType.CV_8UC3, Scalar.Black), null, out _);
        CollectionAssert.AreEqual(new[] { (4, 4), (2, 2), (1, 1) }, maps.Select(m => (m.Columns, m.Rows)).ToArray());
        Assert.IsTrue(maps.All(m => m.IsObjectness));
        // rows 5 and 21 are cell 5 of the first and the second anchor
        CollectionAssert.AreEqual(new[] { (5, 0.7f) }, NotZero(maps[0]));
        Assert.IsEmpty(NotZero(maps[1]));
        CollectionAssert.AreEqual(new[] { (0, 0.9f) }, NotZero(maps[2]));
    }

    // From its own code: the dog comes from row 14, column 7, where its objectness, plane 0, already went through a sigmoid.
    [TestMethod]
    public void FastestDet_Map_IsItsFirstPlane()
    {
        OnnxModel model = OnnxModel.Read(SharedData.Require("onnx-models", "detection", "FastestDet.onnx"));
        Mat picture = PictureFile.Read(SharedData.Require("darknet", "data", "dog.jpg"));
        ScoreMap map = Run(model, picture, CocoClasses.Names, out float[] head).Single();
        Assert.AreEqual((22, 22, true), (map.Columns, map.Rows, map.IsObjectness));
        CollectionAssert.AreEqual(head[..484], map.Scores.ToArray());
        using Mat again = PictureFile.Read(SharedData.Require("darknet", "data", "dog.jpg"));
        using var detector = Detector.Open(model, new DetectorOptions { Labels = CocoClasses.Names });
        DetectedBox dog = detector.Detect(again).Boxes[0];
        Assert.AreEqual("HeadCell { Level = 0, Columns = 22, Rows = 22, Column = 7, Row = 14, Anchor = 0 }", dog.Origin.Cell!.ToString());
    }

    // Row 522 is the first box of cell 174 of 40×30, in which the middle of the face lies: .3636·40 = 14.5, .1459·30 = 4.4.
    [TestMethod]
    public void UltraFace_Maps_AreTheBestScoresOfItsPriors()
    {
        OnnxModel model = OnnxModel.Read(SharedData.Require("onnx-models", "detection", "ultraface_version-RFB-320.onnx"));
        using Mat whole = PictureFile.Read(SharedData.Require("images", "ultraface", "1.jpg"));
        var picture = new Mat();
        Cv2.Resize(whole, picture, new Size(320, 240));
        using var detector = Detector.Open(model);
        Assert.AreEqual("HeadCell { Level = 0, Columns = 40, Rows = 30, Column = 14, Row = 4, Anchor = 0 }",
            detector.Detect(picture).Boxes[0].Origin.Cell!.ToString());
        IReadOnlyList<ScoreMap> maps = Run(model, picture, null, out float[] scores);
        CollectionAssert.AreEqual(new[] { (40, 30), (20, 15), (10, 8), (5, 4) }, maps.Select(m => (m.Columns, m.Rows)).ToArray());
        Assert.IsFalse(maps[0].IsObjectness);
        // scores are pairs of background and face, three for each of the first 1200 cells
        float[] best = [.. scores.Where((_, i) => i % 2 == 1).Take(3600).Chunk(3).Select(c => c.Max())];
        CollectionAssert.AreEqual(best, maps[0].Scores.ToArray());
    }

    [TestMethod]
    public void EndToEnd_HasNoMapsAndNoCells()
    {
        var graph = new HeadGraph([1, 3, 32, 32])
            .EmitJoined("output0", Rows.Of(300, 6, (0, [4, 4, 12, 12, 0.9f, 0])), [1, 300, 6], 4, 1, 1);
        Assert.IsNull(graph.Detect(Picture).Boxes.Single().Origin.Cell);
        Assert.IsEmpty(Run(graph.Build(), new Mat(32, 32, MatType.CV_8UC3, Scalar.Black), null, out _));
    }

    private static (int, float)[] NotZero(ScoreMap map) => [.. map.Scores.Select((score, i) => (i, score)).Where(s => s.score != 0)];

    /// <summary>Maps of a picture, which is disposed, and the values of the first tensor that the head is read from.</summary>
    private static IReadOnlyList<ScoreMap> Run(OnnxModel model, Mat picture, IReadOnlyList<string>? labels, out float[] first)
    {
        DetectionReader reader = DetectionReader.Find(model, new DetectorOptions { Labels = labels })!;
        using (picture)
        using (var session = ActivationSession.Open(model, new ActivationOptions
        {
            Tensors = [.. reader.Tensors],
            Preprocessing = reader.Preprocess,
        }))
        using (Activations seen = session.Run(picture))
        {
            first = seen[reader.Tensors[0]].Values.ToArray();
            return reader.MapsOf(seen);
        }
    }
}
