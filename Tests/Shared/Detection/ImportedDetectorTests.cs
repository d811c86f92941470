using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Import;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Detection;

/// <summary>yolo-fastest from Darknet's files through an ONNX file of ours to boxes.</summary>
[TestClass]
public sealed class ImportedDetectorTests
{
    // OpenCV 4.6 on the same files, dog.jpg stretched to 320×320 with its bilinear resize, RGB/255; above 0.25, overlap 0.45 per class.
    private static readonly (string Label, double Score)[] ByOpenCv =
    [
        ("car", 0.8967), ("dog", 0.6539), ("cat", 0.5673), ("bicycle", 0.5293), ("car", 0.4437), ("bicycle", 0.3131), ("person", 0.3119),
    ];

    [TestMethod]
    public void Detect_YoloFastest_FindsWhatOpenCvFinds()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("yf.onnx");
        using (WeightedModel network = DarknetNetwork.Read(SharedData.Require("yolo-fastest", "yolo-fastest-1.1.cfg"),
            SharedData.Require("yolo-fastest", "yolo-fastest-1.1.weights")))
            network.Save(file);
        using Mat dog = PictureFile.Read(SharedData.Require("darknet", "data", "dog.jpg")), small = new();
        Cv2.Resize(dog, small, new Size(320, 320));
        using var detector = Detector.Open(file, new DetectorOptions
        {
            Confidence = 0.25,
            Overlap = 0.45,
            Labels = CocoClasses.Names,
            Preprocessing = spec => spec with { Resize = ResizeMode.Stretch },
        });
        Detections found = detector.Detect(small);
        CollectionAssert.AreEqual(ByOpenCv.Select(b => b.Label).ToArray(), found.Boxes.Select(b => b.Label).ToArray());
        // Printed to four digits; sums of the network in another order differ by less.
        foreach ((DetectedBox ours, (string _, double score)) in found.Boxes.Zip(ByOpenCv))
            Assert.AreEqual(score, ours.Score, 2e-4);
    }
}
