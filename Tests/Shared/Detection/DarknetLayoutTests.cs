using System.Globalization;
using CnnOnnx.Detection;
using OpenCvSharp;

namespace CnnOnnx.Tests.Detection;

/// <summary>Heads of the Darknet family, worked by hand.</summary>
[TestClass]
public sealed class DarknetLayoutTests
{
    private static readonly long[] Input = [1, 3, 64, 64];

    private static readonly Size Picture = new(64, 64);

    // Logit of a share: σ of it is the share.
    private static float Logit(double share) => (float)Math.Log(share / (1 - share));

    [TestMethod]
    public void RawHead_IsDecodedWithTheCardsAnchors()
    {
        // Cell (1, 0) of 2×2, second of two anchors: x = (1 + .5)·32, y = (0 + .25)·32, width = e^ln2 · 10, height = 1 · 20.
        float[] cell = [0, Logit(0.25), MathF.Log(2), 0, Logit(0.8), Logit(0.5), Logit(0.75)];
        float[] head = Head(anchors: 2, cells: 4, (Anchor: 1, Cell: 1, cell));
        var graph = Carded("yolov3", "[[5,6],[10,20]]").Emit("head", head, [1, 14, 2, 2]);

        Detections found = graph.Detect(Picture);

        DetectedBox box = found.Boxes.Single();
        BoxAssert.Is(box, 1, 0.6, 38, 0, 58, 18);
        CollectionAssert.AreEqual(new[] { Logit(0.75) }, graph.ValuesAt(box.Origin.Class));
        CollectionAssert.AreEqual(new[] { Logit(0.8) }, graph.ValuesAt(box.Origin.Objectness!));
        CollectionAssert.AreEqual(cell[..4], graph.ValuesAt(box.Origin.Box));
    }

    [TestMethod]
    public void ScaleXy_WidensTheCell()
    {
        // x = (1 + .75·1.2 − .1)·32, y = (1 + .5·1.2 − .1)·32.
        float[] cell = [Logit(0.75), 0, 0, 0, Logit(0.8), Logit(0.5), Logit(0.75)];
        var graph = Carded("yolov4", "[[10,20]]", ",\"scale_x_y\":1.2").Emit("head", Head(1, 4, (0, 3, cell)), [1, 7, 2, 2]);

        BoxAssert.Is(graph.Detect(Picture).Boxes.Single(), 1, 0.6, 57.6 - 5, 48 - 10, 57.6 + 5, 48 + 10);
    }

    [TestMethod]
    public void NewCoordinates_AreSquares()
    {
        // x = (0 + .5·2 − .5)·32 = 16; width = (2·.5)²·10, height = (2·.75)²·8 = 18.
        float[] cell = [0.5f, 0.5f, 0.5f, 0.75f, 0.8f, 0.5f, 0.75f];
        var graph = Carded("yolov4", "[[10,8]]", ",\"scale_x_y\":2,\"new_coords\":true")
            .Emit("head", Head(1, 4, (0, 0, cell)), [1, 7, 2, 2]);

        BoxAssert.Is(graph.Detect(Picture).Boxes.Single(), 1, 0.6, 11, 7, 21, 25);
    }

    [TestMethod]
    public void Region_HasASoftmaxAndAnchorsInCells()
    {
        // Softmax of ln 3 and 0: three quarters and one.
        float[] cell = [0, 0, 0, 0, Logit(0.8), MathF.Log(3), 0];
        var graph = Carded("yolov2", "[[0.5,0.25]]").Emit("head", Head(1, 4, (0, 2, cell)), [1, 7, 2, 2]);

        // Cell (0, 1): 16, 48; an anchor of half a cell by a quarter.
        BoxAssert.Is(graph.Detect(Picture).Boxes.Single(), 0, 0.6, 8, 44, 24, 52);
    }

    [TestMethod]
    public void Region_WithoutASoftmax_HasSharesAlready()
    {
        float[] cell = [0, 0, 0, 0, Logit(0.8), 0.75f, 0.5f];
        var graph = Carded("yolov2-raw", "[[0.5,0.25]]").Emit("head", Head(1, 4, (0, 2, cell)), [1, 7, 2, 2]);

        BoxAssert.Is(graph.Detect(Picture).Boxes.Single(), 0, 0.6, 8, 44, 24, 52);
    }

    [TestMethod]
    public void TinyYolov2_NeedsNoCard()
    {
        float[] head = new float[125 * 169];
        // Third anchor (6.63, 11.38), cell (6, 6) of 13×13 at 416: stride 32.
        (int place, int first) = (6 * 13 + 6, 2 * 25);
        for (int cell = 0; cell < 169; cell++)
            for (int a = 0; a < 5; a++)
                head[(a * 25 + 4) * 169 + cell] = -20;
        head[(first + 4) * 169 + place] = 20;
        head[(first + 5 + 11) * 169 + place] = 20;
        var graph = new HeadGraph([1, 3, 416, 416], "image").Emit("grid", head, [1, 125, 13, 13]);

        Detections found = graph.Detect(new Size(416, 416));

        Assert.AreEqual("416x416 rgb, stretch, 0..255", found.Preprocessing.ToString());
        BoxAssert.Is(found.Boxes.Single(), 11, 1, 208 - 106.08, 208 - 182.08, 208 + 106.08, 208 + 182.08, pixels: 1e-3);
    }

    [TestMethod]
    public void TensorFlow_HasChannelsLast()
    {
        // 64×64 with 8, 4 and 2 cells; second anchor of stride 16 is 76×55, its scale_x_y 1.1.
        float[] middle = Rows.Of(4 * 4 * 3, 7, ((2 * 4 + 1) * 3 + 1, [0, 0, 0, 0, 0.8f, 0.5f, 0.75f]));
        var graph = new HeadGraph([1, 64, 64, 3], "input_1:0")
            .Emit("small", new float[8 * 8 * 3 * 7], [1, 8, 8, 3, 7])
            .Emit("middle", middle, [1, 4, 4, 3, 7])
            .Emit("large", new float[2 * 2 * 3 * 7], [1, 2, 2, 3, 7]);

        DetectedBox box = graph.Detect(Picture).Boxes.Single();

        // Centre (1.5, 2.5)·16 = 24, 40: −14 … 62 and 12.5 … 67.5, within the picture.
        BoxAssert.Is(box, 1, 0.6, 0, 12.5, 62, 64);
        CollectionAssert.AreEqual(new[] { 0.75f }, graph.ValuesAt(box.Origin.Class));
    }

    [TestMethod]
    public void Keras_ReadsWhatItsSuppressionChose()
    {
        var graph = new HeadGraph([1, 3, 64, 64], "input_1").WithInput("image_shape", 1, 2)
            .Emit("boxes", [1, 2, 3, 4, 8, 4, 24, 16], [1, 2, 4])
            .Emit("scores", [0.1f, 0.2f, 0.3f, 0.9f, 0.5f, 0.6f], [1, 3, 2])
            .EmitIntegers("indices", [0, 1, 1, -1, -1, -1], [2, 3]);

        DetectedBox box = graph.Detect(Picture).Boxes.Single();

        // Box 1 is y 8 … 24, x 4 … 16; class 1 scores .9 there.
        BoxAssert.Is(box, 1, 0.9, 4, 8, 16, 24);
        CollectionAssert.AreEqual(new[] { 0.9f }, graph.ValuesAt(box.Origin.Class));
        Assert.AreEqual(BoxCoding.CornersYx, box.Origin.Coding);
    }

    [TestMethod]
    public void BoxesAndConfidences_AreParts()
    {
        var graph = new HeadGraph(Input, "input")
            .Emit("boxes", [0, 0, 0.1f, 0.1f, 0.25f, 0.5f, 0.75f, 1], [1, 2, 1, 4])
            .Emit("confs", [0.1f, 0.1f, 0.2f, 0.7f], [1, 2, 2]);

        BoxAssert.Is(graph.Detect(new Size(200, 100)).Boxes.Single(), 1, 0.7, 50, 50, 150, 100);
    }

    private static HeadGraph Carded(string layout, string anchors, string rest = "")
    {
        var graph = new HeadGraph(Input);
        graph.Metadata["cnnonnx.detection"] = string.Create(CultureInfo.InvariantCulture,
            $$"""{"layout":"{{layout}}","classes":2,"heads":[{"tensor":"head","stride":32,"anchors":{{anchors}}{{rest}}}]}""");
        return graph;
    }

    // [1, anchors·7, cells]: nothing anywhere but in one cell.
    private static float[] Head(int anchors, int cells, (int Anchor, int Cell, float[] Values) filled)
    {
        float[] head = new float[anchors * 7 * cells];
        for (int a = 0; a < anchors; a++)
            for (int cell = 0; cell < cells; cell++)
                head[(a * 7 + 4) * cells + cell] = -20;
        for (int k = 0; k < 7; k++)
            head[(filled.Anchor * 7 + k) * cells + filled.Cell] = filled.Values[k];
        return head;
    }
}
