using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Detection;

[TestClass]
public sealed class DetectorTests
{
    private const int Cells = 21;

    [TestMethod]
    public void Thresholds_AreTheLayouts_UnlessGiven()
    {
        HeadGraph graph = Yolox();
        using var usual = Detector.Open(graph.Build());
        using var own = Detector.Open(graph.Build(), new DetectorOptions { Confidence = 0.1, Overlap = 0.9, AcrossClasses = true });

        Assert.AreEqual((0.25, 0.45, false), (usual.Reader.Confidence, usual.Reader.Overlap, usual.Reader.AcrossClasses));
        Assert.AreEqual((0.1, 0.9, true), (own.Reader.Confidence, own.Reader.Overlap, own.Reader.AcrossClasses));
        // A score has to be above: .5 is not above .5.
        Assert.HasCount(1, graph.Detect(new Size(32, 32), new DetectorOptions { Confidence = 0.4999 }).Boxes);
        Assert.IsEmpty(graph.Detect(new Size(32, 32), new DetectorOptions { Confidence = 0.5 }).Boxes);
    }

    [TestMethod]
    [DataRow(-0.1, 0.5, 10)]
    [DataRow(0.5, 1.1, 10)]
    [DataRow(0.5, 0.5, 0)]
    public void Options_OutsideTheirRange_AreRefused(double confidence, double overlap, int most) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Detector.Open(Yolox().Build(),
            new DetectorOptions { Confidence = confidence, Overlap = overlap, MaxBoxes = most }));

    [TestMethod]
    public void Preprocessing_OfTheCard_WinsOverTheLayouts_AndOptionsOverBoth()
    {
        var card = new ModelCard { Input = new InputSpec { Size = new(32, 32), Resize = ResizeMode.Stretch }, Labels = ["cat", "dog"] };

        Detections carded = Yolox().Detect(new Size(64, 32), card: card);
        Detections chosen = Yolox().Detect(
            new Size(64, 32), new DetectorOptions { Preprocessing = spec => spec with { Range = 255 } }, card);

        Assert.AreEqual("32x32 rgb, stretch, 0..1", carded.Preprocessing.ToString());
        Assert.AreEqual("32x32 rgb, stretch, 0..255", chosen.Preprocessing.ToString());
        Assert.AreEqual("cat", carded.Boxes.Single().Label);
        // Stretched: x is twice what it is in the input, y as it is.
        BoxAssert.Is(carded.Boxes.Single(), 0, 0.5, 24, 12, 40, 20);
    }

    [TestMethod]
    [DataRow(ResizeMode.Stretch, 24, 6, 40, 10)]
    [DataRow(ResizeMode.Letterbox, 24, 4, 40, 12)]
    [DataRow(ResizeMode.LetterboxTopLeft, 24, 12, 40, 16)]
    [DataRow(ResizeMode.Crop, 30, 6, 34, 10)]
    public void Boxes_ComeBackTheWayThePictureWent(ResizeMode resize, double left, double top, double right, double bottom)
    {
        // A box of 12 … 20 in an input of 32×32; a picture of 64×16: stretched by 2 and ½, boxed at rows 12 to 20 or 0 to 8 of the
        // input with 2 pixels for 1, cut to columns 24 to 40 with ½ for 1.
        Detections found = Yolox().Detect(new Size(64, 16), new DetectorOptions { Preprocessing = spec => spec with { Resize = resize } });

        if (resize == ResizeMode.LetterboxTopLeft)
            // Rows 12 to 20 of the input are below the picture.
            Assert.IsEmpty(found.Boxes);
        else if (resize == ResizeMode.Letterbox)
            BoxAssert.Is(found.Boxes.Single(), 0, 0.5, left, 0, right, 16);
        else
            BoxAssert.Is(found.Boxes.Single(), 0, 0.5, left, top, right, bottom);
    }

    [TestMethod]
    public void Find_OnARunOfTheUsers_ReadsTheSameBoxes()
    {
        OnnxModel model = Yolox().Build();
        using var session = ActivationSession.Open(model, new ActivationOptions
        {
            Preprocessing = spec => DetectionReader.Find(model)!.Preprocess(spec),
        });
        using var picture = new Mat(32, 32, MatType.CV_8UC3, Scalar.Black);
        using Activations seen = session.Run(picture);

        DetectionReader reader = DetectionReader.Find(session.Model, null, seen)!;

        BoxAssert.Is(reader.Read(seen, picture.Size()).Boxes.Single(), 0, 0.5, 12, 12, 20, 20);
        using Activations ofTensor = session.Run(TensorData.FromArray(new float[3 * 32 * 32], new TensorShape(1, 3, 32, 32)));
        StringAssert.StartsWith(Assert.ThrowsExactly<ArgumentException>(() => reader.Read(ofTensor, picture.Size())).Message,
            "Boxes need a run on a picture, got one on tensors.");
        Assert.IsNull(DetectionReader.Find(new HeadGraph([1, 3, 8, 8]).Emit("scores", new float[4], [1, 4]).Build()));
    }

    [TestMethod]
    public void Walk_GivesEachInput_InItsPlace()
    {
        using var folder = new TemporaryFolder();
        using var picture = new Mat(32, 64, MatType.CV_8UC3, Scalar.Black);
        Cv2.ImWrite(folder.File("a.png"), picture);
        File.WriteAllText(folder.File("b.png"), "no picture");
        Cv2.ImWrite(folder.File("c.png"), picture);
        using var detector = Detector.Open(Yolox().Build());

        (string Name, int? Boxes, bool HasFault)[] walked = [.. detector.Walk(InputList.Of([folder.Path]).Items())
            .Select(d => (d.Input.Item.Name, d.Found?.Boxes.Length, d.Fault is not null))];

        CollectionAssert.AreEqual(new[] { ("a", (int?)1, false), ("b", null, true), ("c", 1, false) }, walked);
    }

    [TestMethod]
    public void Walk_InBatches_FindsTheSame()
    {
        using var folder = new TemporaryFolder();
        string model = SharedData.Require("onnx-models", "detection", "yunet_n_dynamic.onnx");
        string[] names = ["1.jpg", "12.jpg", "27.jpg"];
        foreach (string name in names)
        {
            using Mat whole = PictureFile.Read(SharedData.Require("images", "ultraface", name));
            using var small = new Mat();
            Cv2.Resize(whole, small, new Size(320, 256));
            Cv2.ImWrite(folder.File(name.Replace("jpg", "png")), small);
        }

        using var detector = Detector.Open(model);
        InputList inputs = InputList.Of([folder.Path]);
        Detections[] alone = [.. detector.Walk(inputs.Items()).Select(d => d.Found!)];
        Detections[] together = [.. detector.Walk(inputs.Items(), batch: 3).Select(d => d.Found!)];

        Assert.HasCount(3, together);
        for (int i = 0; i < 3; i++)
        {
            RealDetectorTests.AssertSame(alone[i], together[i]);
            // The place is that in the tensor of one picture, whatever the batch.
            Assert.AreEqual(alone[i].Boxes[0].Origin, together[i].Boxes[0].Origin);
        }
    }

    [TestMethod]
    public void Walk_OnTensors_SaysThatTheyAreNoPicture()
    {
        using var folder = new TemporaryFolder();
        using var detector = Detector.Open(Yolox().Build());
        CnnOnnx.Formats.NpyFile.Write(folder.File("x.npy"), TensorData.FromArray(new float[3 * 32 * 32], new TensorShape(1, 3, 32, 32)));

        Assert.AreEqual($"{folder.File("x.npy")}: holds tensors, expected a picture, in which boxes have a place",
            detector.Walk(InputList.Of([folder.Path]).Items()).Single().Fault);
    }

    [TestMethod]
    public void Open_AModelWithoutAPicture_IsRefused()
    {
        var graph = new GraphBuilder("text");
        graph.Input("words", ElementType.String, 1);
        graph.Node("Identity", "same", ["words"]);
        graph.Output("same", ElementType.String, 1);

        Assert.AreEqual("text: takes no picture; its inputs are words: string[1]",
            Assert.ThrowsExactly<BadInputException>(() => Detector.Open(graph.Build())).Message);
    }

    // A box of 12 … 20, class 0, .5, in an input of 32×32.
    private static HeadGraph Yolox() => new HeadGraph([1, 3, 32, 32]).Emit("output",
        Rows.Of(Cells, 7, (20, [0.5f, 0.5f, MathF.Log(0.25f), MathF.Log(0.25f), 1, 0.5f, 0.25f])), [1, Cells, 7]);
}
