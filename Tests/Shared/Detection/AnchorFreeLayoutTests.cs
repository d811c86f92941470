using CnnOnnx.Detection;
using OpenCvSharp;

namespace CnnOnnx.Tests.Detection;

/// <summary>YOLOX, YOLOv6, NanoDet, FastestDet: heads worked by hand.</summary>
[TestClass]
public sealed class AnchorFreeLayoutTests
{
    private static readonly long[] Square32 = [1, 3, 32, 32];

    // 16 cells of stride 8, 4 of 16, 1 of 32.
    private const int Cells32 = 21;

    [TestMethod]
    public void Yolox_Undecoded_IsDecoded()
    {
        // Row 17 is cell (1, 0) of stride 16: centre (1 + .5, 0 + .25)·16 = 24, 4; size e^ln2·16 = 32 and e^0·16 = 16.
        var graph = new HeadGraph(Square32).Emit("output",
            Rows.Of(Cells32, 7, (17, [0.5f, 0.25f, MathF.Log(2), 0, 0.8f, 0.1f, 0.9f])), [1, Cells32, 7]);

        // 64×32 comes to 32×16 in the upper left corner: a pixel of the input is two of the picture.
        Detections found = graph.Detect(new Size(64, 32));

        Assert.AreEqual("32x32 bgr, letterboxtopleft, 0..255", found.Preprocessing.ToString());
        DetectedBox box = found.Boxes.Single();
        BoxAssert.Is(box, 1, 0.72, 16, 0, 64, 24);
        Assert.AreEqual("class 1", box.Label);
        CollectionAssert.AreEqual(new[] { 0.9f }, graph.ValuesAt(box.Origin.Class));
        CollectionAssert.AreEqual(new[] { 0.8f }, graph.ValuesAt(box.Origin.Objectness!));
        CollectionAssert.AreEqual(new[] { 0.5f, 0.25f, MathF.Log(2), 0 }, graph.ValuesAt(box.Origin.Box));
        Assert.AreEqual(BoxCoding.CentreSize, box.Origin.Coding);
    }

    [TestMethod]
    public void Yolox_DecodedInTheGraph_IsTakenAsPixels()
    {
        var graph = new HeadGraph(Square32).Emit("output",
            Rows.Of(Cells32, 7, (3, [16, 8, 10, 4, 1, 0.5f, 0.25f])), [1, Cells32, 7], "Mul", "Exp");

        DetectedBox box = graph.Detect(new Size(32, 32)).Boxes.Single();

        BoxAssert.Is(box, 0, 0.5, 11, 6, 21, 10);
    }

    [TestMethod]
    public void Yolov6_IsTakenAsPixels_WithACentredLetterbox()
    {
        var graph = new HeadGraph(Square32).Emit("outputs",
            Rows.Of(Cells32, 6, (20, [16, 16, 8, 8, 1, 0.5f])), [1, Cells32, 6], "Mul");

        Detections found = graph.Detect(new Size(64, 32));

        Assert.AreEqual("32x32 rgb, letterbox, 0..1", found.Preprocessing.ToString());
        // The picture is at rows 8 to 24 of the input: (12 … 20, 12 − 8 … 20 − 8) · 2.
        BoxAssert.Is(found.Boxes.Single(), 0, 0.5, 24, 8, 40, 24);
    }

    [TestMethod]
    public void NanoDetPlus_ReadsDistances()
    {
        // 64 + 16 + 4 + 1 cells of 64×64. Row 64 + 5 is cell (1, 1) of stride 16, at (16, 16): no half.
        float[] row = [0.25f, 0.75f, .. Bins(0), .. Bins(1), .. Bins(2), .. Bins(2)];
        var graph = new HeadGraph([1, 3, 64, 64]).Emit("output", Rows.Of(85, 34, (69, row)), [1, 85, 34]);

        Detections found = graph.Detect(new Size(64, 64));

        Assert.AreEqual("64x64 bgr, stretch, 0..255, mean [103.53, 116.28, 123.675], std [57.375, 57.12, 58.395]",
            found.Preprocessing.ToString());
        DetectedBox box = found.Boxes.Single();
        BoxAssert.Is(box, 1, 0.75, 16, 0, 48, 48);
        Assert.AreEqual(BoxCoding.Distances, box.Origin.Coding);
        Assert.AreEqual(32, box.Origin.Box.Elements.Length);
    }

    [TestMethod]
    public void NanoDetPlus_MixedBins_AreAMean()
    {
        // Equal logits of bins 0 … 7 have the mean 3.5: 3.5·8 = 28 pixels on each side of (32, 24), cell (4, 3) of stride 8.
        float[] row = [1, .. new float[32]];
        var graph = new HeadGraph([1, 3, 64, 64]).Emit("output", Rows.Of(85, 33, (3 * 8 + 4, row)), [1, 85, 33]);

        BoxAssert.Is(graph.Detect(new Size(64, 64)).Boxes.Single(), 0, 1, 4, 0, 60, 52);
    }

    [TestMethod]
    public void NanoDet_OfSixOutputs_StartsInTheMiddleOfACell()
    {
        var graph = new HeadGraph(Square32);
        foreach ((int stride, int cells) in new[] { (8, 16), (16, 4), (32, 1) })
            graph.Emit($"cls_pred_stride_{stride}", Rows.Of(cells, 2, stride == 8 ? [(5, [0.5f, 0.75f])] : []), [1, cells, 2])
                .Emit($"dis_pred_stride_{stride}",
                    Rows.Of(cells, 32, stride == 8 ? [(5, [.. Bins(1), .. Bins(1), .. Bins(2), .. Bins(2)])] : []), [1, cells, 32]);
        DetectedBox box = graph.Detect(new Size(32, 32)).Boxes.Single();

        // Cell (1, 1) of stride 8, at (12, 12).
        BoxAssert.Is(box, 1, 0.75, 4, 4, 28, 28);
        Assert.AreEqual("cls_pred_stride_8[11]", box.Origin.Class.ToString());
    }

    [TestMethod]
    public void FastestDet_ReadsPlanes()
    {
        // Cell (1, 0) of 2×2: centre (1 + tanh ½)·16, (0 + tanh 0)·16; σ(0) = half of the input's side.
        float[] cell = [0.9f, 0.5f, 0, 0, 0, 0.25f, 0.75f];
        var graph = new HeadGraph(Square32).Emit("758", Rows.AsPlanes(4, 7, (1, cell)), [1, 7, 2, 2], "Sigmoid", "Softmax", "Concat");

        Detections found = graph.Detect(new Size(64, 64));

        Assert.AreEqual("32x32 bgr, stretch, 0..1", found.Preprocessing.ToString());
        double centre = (1 + Math.Tanh(0.5)) * 32;
        DetectedBox box = found.Boxes.Single();
        BoxAssert.Is(box, 1, 0.675, centre - 16, 0, centre + 16, 16);
        CollectionAssert.AreEqual(new[] { 0.75f }, graph.ValuesAt(box.Origin.Class));
    }

    // All of a distribution in one bin: the others have e^−40 of it.
    private static float[] Bins(int bin)
    {
        float[] logits = new float[8];
        logits[bin] = 40;
        return logits;
    }
}
