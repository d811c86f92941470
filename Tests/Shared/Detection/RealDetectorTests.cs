using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Detection;

/// <summary>Real detectors find what they should, as their own code and OpenCV's read them.</summary>
[TestClass]
public sealed class RealDetectorTests
{
    // Two runtimes add up in different orders: 1e-4 of a pixel of a 320-pixel input, in scores less.
    private const double Pixels = 2e-2, Share = 1e-4;

    [TestMethod]
    [DataRow("ultraface_version-RFB-320.onnx")]
    [DataRow("ultraface_version-RFB-320_simplified.onnx")]
    public void UltraFace_FindsTheFaces(string file)
    {
        using Mat picture = Resized("1.jpg", new Size(320, 240));
        using var detector = Detector.Open(Model(file));

        DetectedBox best = detector.Detect(picture).Boxes[0];

        // From its own Python code on this picture: row 522, .99854, .34878 .11535 .37949 .17649.
        Assert.AreEqual("face", best.Label);
        Assert.AreEqual("scores[1045]", best.Origin.Class.ToString());
        BoxAssert.Is(best, 0, 0.99854, 0.34878 * 320, 0.11535 * 240, 0.37949 * 320, 0.17649 * 240, Pixels, Share);
    }

    [TestMethod]
    public void UltraFace_WithAndWithoutDecoding_FindTheSame()
    {
        using Mat picture = PictureFile.Read(SharedData.Require("images", "ultraface", "27.jpg"));
        using var decoded = Detector.Open(Model("ultraface_version-RFB-320.onnx"));
        using var raw = Detector.Open(Model("ultraface_version-RFB-320_simplified.onnx"));

        Detections expected = decoded.Detect(picture), found = raw.Detect(picture);

        Assert.IsGreaterThan(60, found.Boxes.Length);
        AssertSame(expected, found);
    }

    [TestMethod]
    public void YuNet_FindsWhatItsAuthorsSay()
    {
        using Mat picture = Resized("1.jpg", new Size(320, 320));
        using var detector = Detector.Open(Model("yunet_n_320_320.onnx"));

        DetectedBox best = detector.Detect(picture).Boxes[0];

        Assert.AreEqual("cls_8[214]", best.Origin.Class.ToString());
        Assert.AreEqual("obj_8[214]", best.Origin.Objectness!.ToString());
        BoxAssert.Is(best, 0, 0.9030, 110.74, 37.90, 110.74 + 11.25, 37.90 + 16.88, pixels: 0.02, share: 1e-4);
    }

    /// <summary>All that scores (overlap 1), and what is left after suppression.</summary>
    /// <remarks>
    /// OpenCV compares overlaps of boxes that it cuts to whole pixels: of the faces of ten pixels in 1.jpg it keeps two fewer.
    /// </remarks>
    [TestMethod]
    [DataRow("1.jpg", 1.0)]
    [DataRow("12.jpg", 1.0)]
    [DataRow("27.jpg", 1.0)]
    [DataRow("12.jpg", 0.3)]
    [DataRow("27.jpg", 0.3)]
    public void YuNet_FindsWhatOpenCvFinds(string name, double overlap)
    {
        // The size of the model, which OpenCV neither pads nor scales; it does not read the one that leaves it open.
        using Mat picture = Resized(name, new Size(320, 320));
        using var detector = Detector.Open(Model("yunet_n_320_320.onnx"), new DetectorOptions
        {
            Confidence = 0.5,
            Overlap = overlap,
            MaxBoxes = 5000,
        });
        using var referee = FaceDetectorYN.Create(Model("yunet_n_320_320.onnx"), "", picture.Size(), 0.5f, (float)overlap, 5000);
        using var faces = new Mat();
        referee.Detect(picture, faces);

        Detections found = detector.Detect(picture);

        Assert.AreEqual("320x320 bgr, stretch, 0..255", found.Preprocessing.ToString());
        int count = faces.Rows;
        Assert.IsGreaterThan(0, count);
        Assert.HasCount(count, found.Boxes);
        var left = found.Boxes.ToList();
        for (int row = 0; row < count; row++)
        {
            double[] face = [.. Enumerable.Range(0, 15).Select(i => (double)faces.At<float>(row, i))];
            (double x1, double y1) = (Math.Max(0, face[0]), Math.Max(0, face[1]));
            (double x2, double y2) = (Math.Min(320, face[0] + face[2]), Math.Min(320, face[1] + face[3]));
            DetectedBox box = left.MinBy(b => Math.Abs(b.Box.X - x1) + Math.Abs(b.Box.Y - y1) + Math.Abs(b.Box.Right - x2)
                + Math.Abs(b.Box.Bottom - y2))!;
            left.Remove(box);
            BoxAssert.Is(box, 0, face[14], x1, y1, x2, y2, Pixels, Share);
        }
    }

    [TestMethod]
    public void FastestDet_FindsTheDog()
    {
        using Mat whole = PictureFile.Read(SharedData.Require("darknet", "data", "dog.jpg"));
        using var picture = new Mat();
        Cv2.Resize(whole, picture, new Size(352, 352));
        using var detector = Detector.Open(Model("FastestDet.onnx"), new DetectorOptions { Labels = CocoClasses.Names });

        Detections found = detector.Detect(picture);

        // From its own code: dog .6862 in row 14, column 7, at .2999 .6398 .2706 .5823 of the picture.
        CollectionAssert.AreEquivalent(new[] { "dog", "bicycle", "car" }, found.Boxes.Select(b => b.Label).ToArray());
        DetectedBox dog = found.Boxes[0];
        const double cell = 14 * 22 + 7, side = 352, tenth = 0.0001 * side;
        Assert.AreEqual($"758[{(5 + 16) * 484 + cell}]", dog.Origin.Class.ToString());
        BoxAssert.Is(dog, 16, 0.6862, (0.2999 - 0.1353) * side, (0.6398 - 0.29115) * side, (0.2999 + 0.1353) * side,
            (0.6398 + 0.29115) * side, pixels: tenth, share: 1e-4);
    }

    [TestMethod]
    public void FastestDet_OnThePictureItself_FindsTheSameThings()
    {
        using Mat picture = PictureFile.Read(SharedData.Require("darknet", "data", "dog.jpg"));
        using var detector = Detector.Open(Model("FastestDet.onnx"), new DetectorOptions { Labels = CocoClasses.Names });

        Detections found = detector.Detect(picture);

        // Where the dog, the bicycle and the car are, by eye, to a twentieth of the picture.
        AssertNear(found, "dog", new Rect(130, 215, 190, 325));
        AssertNear(found, "bicycle", new Rect(125, 125, 440, 300));
        AssertNear(found, "car", new Rect(465, 75, 225, 95));
    }

    internal static void AssertSame(Detections expected, Detections found)
    {
        Assert.HasCount(expected.Boxes.Length, found.Boxes);
        foreach ((DetectedBox wanted, DetectedBox got) in expected.Boxes.Zip(found.Boxes))
            BoxAssert.Is(got, wanted.Class, wanted.Score, wanted.Box.Left, wanted.Box.Top, wanted.Box.Right, wanted.Box.Bottom, Pixels,
                Share);
    }

    private static void AssertNear(Detections found, string label, Rect seen)
    {
        Rect2d box = found.Boxes.First(b => b.Label == label).Box;
        var wanted = new BoxCorners(seen.Left, seen.Top, seen.Right, seen.Bottom);
        double overlap = BoxCorners.Overlap(wanted, new BoxCorners(box.Left, box.Top, box.Right, box.Bottom));
        Assert.IsGreaterThan(0.75, overlap, $"{label} {box}");
    }

    private static Mat Resized(string face, Size size)
    {
        using Mat whole = PictureFile.Read(SharedData.Require("images", "ultraface", face));
        var resized = new Mat();
        Cv2.Resize(whole, resized, size);
        return resized;
    }

    private static string Model(string file) => SharedData.Require("onnx-models", "detection", file);
}
