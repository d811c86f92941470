using CnnOnnx.Detection;

namespace CnnOnnx.Tests.Detection;

/// <summary>What is of no known layout says so in one line, with its outputs and what helps.</summary>
[TestClass]
public sealed class RefusedTests
{
    private static readonly long[] Input = [1, 3, 32, 32];

    [TestMethod]
    public void Classifier_NamesTheLayouts()
    {
        BadInputException refusal = Refusal(new HeadGraph(Input).Emit("probabilities", new float[10], [1, 10]));

        StringAssert.StartsWith(refusal.Message, "head: its outputs probabilities float32[1, 10] are of no detection head that is known: "
            + "known are YOLOv2, v3 and v4 with a model card; tiny-yolov2 (VOC, model zoo); ");
        StringAssert.EndsWith(refusal.Message, "; Faster R-CNN (maskrcnn-benchmark, model zoo)");
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [TestMethod]
    public void RawHeads_LackTheirAnchors() => AssertRefused(
        new HeadGraph(Input).Emit("a", new float[21 * 4], [1, 21, 2, 2]).Emit("b", new float[21], [1, 21, 1, 1]),
        "head: its outputs a float32[1, 21, 2, 2], b float32[1, 21, 1, 1] are of no detection head that is known: they may be raw YOLO "
        + "heads, whose anchors are not in the file; a model card says them (cnnonnx.detection: exporting the .cfg and .weights of Darknet "
        + "writes one)");

    [TestMethod]
    public void UndecodedRows_LackTheirAnchors() => AssertRefused(
        new HeadGraph(Input).Emit("output0", new float[63 * 7], [1, 63, 7]),
        "head: its outputs output0 float32[1, 63, 7] are of no detection head that is known: [N, 3·cells, 5 + classes] whose boxes the "
        + "graph does not decode needs anchors, which are not in the file; export with the decoding inside");

    [TestMethod]
    public void TurnedBoxes_AreNotReadAsUpright()
    {
        var graph = new HeadGraph(Input);
        (graph.Metadata["names"], graph.Metadata["task"]) = ("{0: 'plane'}", "obb");
        AssertRefused(graph.Emit("output0", new float[6 * 21], [1, 6, 21]),
            "head: its outputs output0 float32[1, 6, 21] are of no detection head that is known: its metadata says that its boxes are "
            + "turned (task obb), and only upright ones are read");
    }

    [TestMethod]
    public void FiftySixPlanes_CouldBeAPose()
    {
        var graph = new HeadGraph([1, 3, 320, 320]).Emit("output0", new float[56 * 2100], [1, 56, 2100]);

        AssertRefused(graph, "head: its outputs output0 float32[1, 56, 2100] are of no detection head that is known: 56 may be 4 + 52 "
            + "classes, or 4 + 1 + 17 keypoints; the names of the classes tell them apart");
        using Detector detector = Detector.Open(graph.Build(), new DetectorOptions { Labels = [.. Enumerable.Repeat("thing", 52)] });
        Assert.AreEqual(52, detector.Reader.Classes);
    }

    [TestMethod]
    public void BoxesOfAnUnknownUnit_AreNotGuessed() => AssertRefused(
        new HeadGraph(Input).Emit("a", new float[40], [1, 10, 4]).Emit("c", new float[10], [1, 10])
            .EmitIntegers("b", new float[10], [1, 10]),
        "head: its outputs a float32[1, 10, 4], c float32[1, 10], b int64[1, 10] are of no detection head that is known: boxes [1, n, 4] "
        + "may be in pixels or parts of the picture, and nothing in the file says which");

    [TestMethod]
    public void Names_OfAnotherNumber_AreRefused()
    {
        var graph = new HeadGraph(Input).Emit("output", new float[21 * 7], [1, 21, 7]);

        var refusal = Assert.ThrowsExactly<BadInputException>(() => graph.Detect(new(32, 32), new DetectorOptions { Labels = ["a"] }));

        Assert.AreEqual("head: its head (YOLOX) tells 2 classes apart, got 1 names", refusal.Message);
    }

    [TestMethod]
    public void Card_ThatIsBroken_IsSaid()
    {
        AssertBroken("{", "is not the JSON that is expected (");
        AssertBroken("[]", "is not the JSON that is expected (");
        AssertBroken("""{"layout":"ssd","classes":1,"heads":[]}""", "layout is 'ssd', expected one of yolov2, yolov2-raw, yolov3, yolov4");
        AssertBroken("""{"layout":"yolov3","classes":0,"heads":[]}""", "classes is 0, expected 1 to 100000");
        AssertBroken("""{"layout":"yolov3","classes":2,"heads":[]}""", "heads is empty");
        AssertBroken("""{"layout":"yolov3","classes":2,"heads":[{"tensor":"a","stride":32,"anchors":[]}]}""",
            "head 'a' has stride 32 and 0 anchors");
    }

    [TestMethod]
    public void Card_OfOtherOutputs_IsSaid()
    {
        const string head = """{"layout":"yolov3","classes":2,"heads":[{"tensor":"NAME","stride":32,"anchors":[[1,2]]}]}""";
        AssertRefused(Carded(head.Replace("NAME", "b")), "head: cnnonnx.detection speaks of an output 'b', but the model's are "
            + "a float32[1, 8, 1, 1]");
        AssertRefused(Carded(head.Replace("NAME", "a")), "head: cnnonnx.detection says 1 anchors and 2 classes of 'a', which takes "
            + "[N, 7, H, W], but it is a float32[1, 8, 1, 1]");
    }

    /// <summary>Outputs of any shapes under names that layouts have: boxes or a refusal, and nothing else.</summary>
    [TestMethod]
    public void AnyOutputs_AreRecognisedOrRefused()
    {
        string[] names = ["output0", "output", "boxes", "scores", "labels", "confs", "grid", "bboxes", "detection_boxes",
            "detection_scores", "detection_classes", "cls_8", "obj_8", "bbox_8", "758"];
        long[] sizes = [1, 2, 4, 5, 6, 7, 21, 34, 63, 85, 100, 300];
        string[] operators = ["Mul", "Exp", "Sigmoid", "Softmax", "Concat"];
        float[] strange = [float.NaN, float.PositiveInfinity, -1e9f, .. new float[6]];
        var random = new Random(5);
        (int found, int refused) = (0, 0);
        for (int i = 0; i < 300; i++)
        {
            var graph = new HeadGraph(Input, random.Next(2) == 0 ? "images" : "image");
            int emitted = 0;
            foreach (string name in names.OrderBy(_ => random.Next()).Take(random.Next(1, 4)).ToArray())
            {
                long[] shape = [1, .. Enumerable.Range(0, random.Next(4)).Select(_ => sizes[random.Next(sizes.Length)])];
                float[] values = [.. Enumerable.Range(0, (int)Math.Min(1 << 20, shape.Aggregate((a, b) => a * b)))
                    .Select(_ => strange[random.Next(strange.Length)] is var value && value == 0 ? random.NextSingle() * 3 : value)];
                if (shape.Aggregate((a, b) => a * b) != values.Length)
                    continue;
                emitted++;
                _ = random.Next(4) == 0 ? graph.EmitIntegers(name, Array.ConvertAll(values, v => float.IsFinite(v) ? v : 0), shape)
                    : graph.Emit(name, values, shape, [.. operators.Where(_ => random.Next(3) == 0)]);
            }

            if (emitted == 0)
                continue;
            if (random.Next(3) == 0)
                (graph.Metadata["names"], graph.Metadata["stride"]) = ("{0: 'a', 1: 'b', 2: 'c'}", "32");
            try
            {
                foreach (DetectedBox box in graph.Detect(new(40, 30)).Boxes)
                    Assert.IsTrue(box.Box is { Width: > 0, Height: > 0, Right: <= 40, Bottom: <= 30 } && double.IsFinite(box.Score),
                        $"{box}");
                found++;
            }
            catch (BadInputException refusal)
            {
                Assert.DoesNotContain('\n', refusal.Message);
                refused++;
            }
        }

        Assert.IsGreaterThan(5, found);
        Assert.IsGreaterThan(100, refused);
    }

    internal static void AssertRefused(HeadGraph graph, string message) => Assert.AreEqual(message, Refusal(graph).Message);

    private static HeadGraph Carded(string card)
    {
        var graph = new HeadGraph(Input).Emit("a", new float[8], [1, 8, 1, 1]);
        graph.Metadata["cnnonnx.detection"] = card;
        return graph;
    }

    private static void AssertBroken(string card, string part)
    {
        string message = Refusal(Carded(card)).Message;
        StringAssert.StartsWith(message, "head: its model card is broken: cnnonnx.detection is not the JSON that is expected (");
        StringAssert.Contains(message, part);
    }

    private static OnnxException Refusal(HeadGraph graph) => Assert.ThrowsExactly<OnnxException>(() => graph.Detect(new(32, 32)));
}
