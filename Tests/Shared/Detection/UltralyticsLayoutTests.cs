using CnnOnnx.Detection;
using OpenCvSharp;

namespace CnnOnnx.Tests.Detection;

/// <summary>Heads of ultralytics' exports and of what follows them, worked by hand.</summary>
[TestClass]
public sealed class UltralyticsLayoutTests
{
    private const int Cells = 21;

    private static readonly long[] Input = [1, 3, 32, 32];

    private static readonly Size Picture = new(32, 32);

    [TestMethod]
    public void V5Rows_WithoutMetadata_AreRecognisedByTheirNumber()
    {
        var graph = new HeadGraph(Input).Emit("output0", Rows.Of(3 * Cells, 7, (30, [16, 12, 8, 4, 0.5f, 0.25f, 0.8f])),
            [1, 3 * Cells, 7], "Mul");

        Detections found = graph.Detect(Picture);

        Assert.AreEqual("32x32 rgb, letterbox, 0..1", found.Preprocessing.ToString());
        DetectedBox box = found.Boxes.Single();
        BoxAssert.Is(box, 1, 0.4, 12, 10, 20, 14);
        CollectionAssert.AreEqual(new[] { 0.8f }, graph.ValuesAt(box.Origin.Class));
        CollectionAssert.AreEqual(new[] { 0.5f }, graph.ValuesAt(box.Origin.Objectness!));
    }

    [TestMethod]
    public void V5Rows_BesideRawHeads_AreReadAlone()
    {
        var graph = new HeadGraph(Input)
            .Emit("output0", Rows.Of(3 * Cells, 7, (30, [16, 12, 8, 4, 1, 0.25f, 0.8f])), [1, 3 * Cells, 7], "Mul")
            .Emit("339", new float[3 * 16 * 7], [1, 3, 4, 4, 7])
            .Emit("391", new float[3 * 4 * 7], [1, 3, 2, 2, 7])
            .Emit("443", new float[3 * 7], [1, 3, 1, 1, 7]);

        BoxAssert.Is(graph.Detect(Picture).Boxes.Single(), 1, 0.8, 12, 10, 20, 14);
    }

    [TestMethod]
    public void V5Rows_OfOneClass_AreNotTakenForAnEndToEndHead()
    {
        var graph = Named(new HeadGraph(Input), "{0: 'cat'}", "")
            .Emit("output0", Rows.Of(3 * Cells, 6, (30, [16, 12, 8, 4, 0.5f, 1])), [1, 3 * Cells, 6], "Mul");

        DetectedBox box = graph.Detect(Picture).Boxes.Single();

        BoxAssert.Is(box, 0, 0.5, 12, 10, 20, 14);
        Assert.AreEqual("cat", box.Label);
    }

    [TestMethod]
    public void V8Planes_TakeNamesFromTheMetadata()
    {
        var graph = Named(new HeadGraph(Input), "{0: 'cat', 1: \"dog's\"}")
            .Emit("output0", Rows.AsPlanes(Cells, 6, (7, [16, 12, 8, 4, 0.1f, 0.6f])), [1, 6, Cells]);

        DetectedBox box = graph.Detect(Picture).Boxes.Single();

        BoxAssert.Is(box, 1, 0.6, 12, 10, 20, 14);
        Assert.AreEqual("dog's", box.Label);
        Assert.IsNull(box.Origin.Objectness);
        CollectionAssert.AreEqual(new[] { 16f, 12, 8, 4 }, graph.ValuesAt(box.Origin.Box));
    }

    [TestMethod]
    public void V8Planes_OfAnyNumberOfRows_AreReadInStretches()
    {
        // 320×320: 1600 + 400 + 100 rows, more than are compared at once; the box is in the last stretch.
        var graph = new HeadGraph([1, 3, 320, 320])
            .Emit("output0", Rows.AsPlanes(2100, 7, (2099, [160, 120, 80, 40, 0.1f, 0.2f, 0.9f]), (3, [20, 20, 8, 8, 0.5f, 0, 0])),
                [1, 7, 2100]);

        Detections found = graph.Detect(new Size(320, 320));

        Assert.HasCount(2, found.Boxes);
        BoxAssert.Is(found.Boxes[0], 2, 0.9, 120, 100, 200, 140);
        BoxAssert.Is(found.Boxes[1], 0, 0.5, 16, 16, 24, 24);
    }

    [TestMethod]
    public void EveryClass_MakesABoxOfEach()
    {
        var graph = Named(new HeadGraph(Input), "['cat', 'dog']")
            .Emit("output0", Rows.AsPlanes(Cells, 6, (7, [16, 12, 8, 4, 0.5f, 0.6f])), [1, 6, Cells]);

        Detections found = graph.Detect(Picture, new DetectorOptions { EveryClass = true });

        CollectionAssert.AreEqual(new[] { "dog", "cat" }, found.Boxes.Select(b => b.Label).ToArray());
        CollectionAssert.AreEqual(new[] { 0.5f }, graph.ValuesAt(found.Boxes[1].Origin.Class));
    }

    [TestMethod]
    public void Segmentation_SaysThatMasksAreNotDrawn()
    {
        var graph = Named(new HeadGraph(Input), "{0: 'cat', 1: 'dog'}", "segment")
            .Emit("output0", Rows.AsPlanes(Cells, 6 + 32, (7, [16, 12, 8, 4, 0.1f, 0.6f, 9, 9])), [1, 6 + 32, Cells])
            .Emit("output1", new float[32 * 64], [1, 32, 8, 8]);

        using Detector detector = Detector.Open(graph.Build());

        CollectionAssert.AreEqual(new[] { "its masks are not drawn" }, detector.Reader.Remarks.ToArray());
        BoxAssert.Is(graph.Detect(Picture).Boxes.Single(), 1, 0.6, 12, 10, 20, 14);
    }

    [TestMethod]
    public void Pose_SaysThatKeypointsAreNotDrawn()
    {
        var graph = Named(new HeadGraph(Input), "{0: 'person'}", "pose");
        graph.Metadata["kpt_shape"] = "[17, 3]";
        graph.Emit("output0", Rows.AsPlanes(100, 56, (7, [16, 12, 8, 4, 0.6f, 9, 9])), [1, 56, 100]);

        using Detector detector = Detector.Open(graph.Build());

        CollectionAssert.AreEqual(new[] { "its keypoints are not drawn" }, detector.Reader.Remarks.ToArray());
        BoxAssert.Is(graph.Detect(Picture).Boxes.Single(), 0, 0.6, 12, 10, 20, 14);
    }

    [TestMethod]
    public void EndToEnd_IsTakenAsItIs()
    {
        float[] rows = Rows.Of(300, 6, (0, [4, 2, 12, 10, 0.9f, 1]), (1, [4, 2, 12, 10, 0.8f, 1]), (2, [4, 2, 12, 10, 0.1f, 0]));
        var graph = Named(new HeadGraph(Input), "{0: 'cat', 1: 'dog', 2: 'cow'}").Emit("output0", rows, [1, 300, 6]);

        Detections found = graph.Detect(Picture);

        // Equal boxes stay: whether they are suppressed was the graph's business.
        Assert.HasCount(2, found.Boxes);
        BoxAssert.Is(found.Boxes[0], 1, 0.9, 4, 2, 12, 10);
        Assert.AreEqual("dog", found.Boxes[0].Label);
        Assert.AreEqual("output0[4]", found.Boxes[0].Origin.Class.ToString());
        Assert.AreEqual(BoxCoding.Corners, found.Boxes[0].Origin.Coding);
        Assert.HasCount(1, graph.Detect(Picture, new DetectorOptions { Overlap = 0.5 }).Boxes);
    }

    [TestMethod]
    public void EndToEnd_WithoutMetadata_IsKnownByWhatItJoins()
    {
        float[] rows = Rows.Of(100, 6, (0, [4, 2, 12, 10, 0.9f, 7]));

        Assert.AreEqual("class 7", new HeadGraph(Input).EmitJoined("output0", rows, [1, 100, 6], 4, 1, 1)
            .Detect(Picture).Boxes.Single().Label);
        RefusedTests.AssertRefused(new HeadGraph(Input).EmitJoined("output0", rows, [1, 100, 6], 4, 2),
            "head: its outputs output0 float32[1, 100, 6] are of no detection head that is known: [N, n, 6] may be x1, y1, x2, y2, score, "
            + "class, or RT-DETR with two classes, and neither metadata nor the graph says which");
    }

    [TestMethod]
    public void Yolov7EndToEnd_HasTheBatchFirst()
    {
        var graph = new HeadGraph(Input).WithSuppression()
            .Emit("output", Rows.Of(2, 7, (1, [0, 4, 2, 12, 10, 3, 0.9f])), [2, 7]);

        BoxAssert.Is(graph.Detect(Picture).Boxes.Single(), 3, 0.9, 4, 2, 12, 10);
    }

    [TestMethod]
    public void Transformer_IsPartsOfAStretchedPicture()
    {
        float[] rows = Rows.Of(300, 7, (299, [0.5f, 0.5f, 0.25f, 0.5f, 0.1f, 0.2f, 0.7f]));
        var graph = Named(new HeadGraph(Input), "{0: 'cat', 1: 'dog', 2: 'cow'}").Emit("output0", rows, [1, 300, 7]);

        Detections found = graph.Detect(new Size(200, 100));

        Assert.AreEqual("32x32 rgb, stretch, 0..1", found.Preprocessing.ToString());
        BoxAssert.Is(found.Boxes.Single(), 2, 0.7, 75, 25, 125, 75);
    }

    [TestMethod]
    public void OpenSize_TakesTheExporters()
    {
        var graph = Named(new HeadGraph([1, 3, -1, -1]), "{0: 'cat', 1: 'dog'}");
        graph.Metadata["imgsz"] = "[64, 96]";
        graph.Emit("output0", Rows.AsPlanes(Cells, 6, (7, [16, 12, 8, 4, 0.1f, 0.6f])), [1, 6, Cells]);

        Assert.AreEqual("64x96 rgb, letterbox, 0..1", graph.Detect(Picture).Preprocessing.ToString());
    }

    private static HeadGraph Named(HeadGraph graph, string names, string task = "detect")
    {
        graph.Metadata["names"] = names;
        graph.Metadata["stride"] = "32";
        if (task.Length > 0)
            graph.Metadata["task"] = task;
        return graph;
    }
}
