using System.Text.Json;
using CnnOnnx.Detection;
using CnnOnnx.Inputs;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Detection;

[TestClass]
public sealed class DetectionFolderTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public void Complete_WritesAllFiles()
    {
        Save("a", "b");
        File.WriteAllText(_folder.File("in", "c.png"), "no picture");

        Detect(new DetectorOptions { Labels = CocoClasses.Names }, DetectionParts.All);

        CollectionAssert.AreEquivalent(new[] { "boxes.json", "coco.json", "drawn", "labels" }, Entries());
        // 64×32 comes to 32×16; the box 12 … 20 by 4 … 12 is 24 … 40 by 8 … 24 of it.
        Assert.AreEqual("16 0.500000 0.500000 0.250000 0.500000\n", File.ReadAllText(_folder.File("out", "labels", "a.txt")));
        using Mat drawn = Cv2.ImRead(_folder.File("out", "drawn", "a.png"));
        Assert.AreEqual(new Size(64, 32), drawn.Size());
        JsonElement[] coco = [.. Read("coco.json").EnumerateArray()];
        Assert.HasCount(2, coco);
        // Dog is COCO's number 18; the pictures count from 1.
        Assert.AreEqual("""{"image_id":2,"category_id":18,"bbox":[24,8,16,16],"score":0.5}""", coco[1].GetRawText());
        JsonElement boxes = Read("boxes.json");
        Assert.AreEqual("YOLOX", boxes.GetProperty("layout").GetString());
        Assert.AreEqual(80, boxes.GetProperty("names").GetArrayLength());
        JsonElement[] pictures = [.. boxes.GetProperty("pictures").EnumerateArray()];
        Assert.HasCount(3, pictures);
        Assert.AreEqual("labels/a.txt", pictures[0].GetProperty("labels").GetString());
        JsonElement box = pictures[0].GetProperty("boxes")[0];
        Assert.AreEqual("dog", box.GetProperty("label").GetString());
        Assert.AreEqual("[24,8,16,16]", box.GetProperty("box").GetRawText());
        Assert.AreEqual("[1721]", box.GetProperty("origin").GetProperty("class").GetProperty("elements").GetRawText());
        Assert.AreEqual("centreSize", box.GetProperty("origin").GetProperty("coding").GetString());
        StringAssert.Contains(pictures[2].GetProperty("fault").GetString(), "c.png");
    }

    [TestMethod]
    public void Complete_PartsLeftOut_AreNotThere()
    {
        Save("a");

        Detect(new DetectorOptions(), DetectionParts.None);

        CollectionAssert.AreEqual(new[] { "boxes.json" }, Entries());
    }

    [TestMethod]
    public void Coco_PicturesNamedByNumbers_KeepThem()
    {
        Save("000000000139", "000000000285");

        Detect(new DetectorOptions { Labels = [.. Enumerable.Repeat("thing", 80)] }, DetectionParts.Coco);

        JsonElement coco = Read("coco.json");
        Assert.AreEqual(139, coco[0].GetProperty("image_id").GetInt32());
        // Other names than COCO's: the index from 1.
        Assert.AreEqual(17, coco[0].GetProperty("category_id").GetInt32());
    }

    [TestMethod]
    public void Dispose_WithoutComplete_LeavesNothing()
    {
        Save("a");
        using (Detector detector = Open(new DetectorOptions()))
        using (var results = new DetectionFolder(_folder.File("out"), "m", detector.Reader))
            foreach (DetectedInput input in detector.Walk(InputList.Of([_folder.File("in")]).Items()))
                results.Add(input);

        Assert.IsFalse(Directory.Exists(_folder.File("out")));
    }

    private static Detector Open(DetectorOptions options) => Detector.Open(new HeadGraph([1, 3, 32, 32]).Emit("output",
        Rows.Of(21, 85, (20, [0.5f, 0.25f, MathF.Log(0.25f), MathF.Log(0.25f), 1, .. new float[16], 0.5f])), [1, 21, 85]).Build(), options);

    private void Detect(DetectorOptions options, DetectionParts parts)
    {
        using Detector detector = Open(options);
        using var results = new DetectionFolder(_folder.File("out"), "m.onnx", detector.Reader, parts);
        foreach (DetectedInput input in detector.Walk(InputList.Of([_folder.File("in")]).Items()))
            results.Add(input);
        results.Complete();
    }

    private void Save(params string[] names)
    {
        Directory.CreateDirectory(_folder.File("in"));
        using var picture = new Mat(32, 64, MatType.CV_8UC3, Scalar.All(50));
        foreach (string name in names)
            Cv2.ImWrite(_folder.File("in", name + ".png"), picture);
    }

    private string[] Entries() => [.. Directory.GetFileSystemEntries(_folder.File("out")).Select(path => Path.GetFileName(path)).Order()];

    private JsonElement Read(string file) => JsonDocument.Parse(File.ReadAllText(_folder.File("out", file))).RootElement;
}
