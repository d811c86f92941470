using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Tests.Support;
using CnnOnnx.Trainer.Commands;
using OpenCvSharp;

namespace CnnOnnx.Tests.Commands;

/// <summary>trainer detect, as a user calls it.</summary>
[TestClass]
public sealed class DetectCommandTests
{
    private readonly TemporaryFolder _folder = new();

    private string Out => _folder.File("out");

    private static string Dog => SharedData.Require("darknet", "data", "dog.jpg");

    private static string FastestDet => SharedData.Require("onnx-models", "detection", "FastestDet.onnx");

    private static string Faces => SharedData.Require("onnx-models", "detection", "ultraface_version-slim-320.onnx");

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public void Detect_APicture_TellsAndWritesWhatItFound()
    {
        (int code, string output, string error) = Trainer("detect", FastestDet, Dog, "--out", Out, "--labels", "coco", "--device", "cpu");

        Assert.AreEqual(0, code, error);
        string[] lines = output.Split(Environment.NewLine);
        StringAssert.StartsWith(lines[0], $"{Dog}: dog 0.6");
        Assert.AreEqual("3 boxes in 1 picture: 1 bicycle, 1 car, 1 dog", lines[1]);
        StringAssert.Matches(lines[2], new(@"^[\d.]+ pictures/s with files, [\d.]+ ms a picture in the network on CPU$"));
        Assert.AreEqual($"written to {Out}", lines[3]);
        StringAssert.Contains(error, "head: FastestDet, 80 classes" + Environment.NewLine);
        StringAssert.Contains(error, "boxes: score above 0.5, overlap 0.35 across classes");
        StringAssert.Contains(error, "input: 352x352 bgr, stretch, 0..1 (usual for this head, if no option says otherwise)");
        foreach (string file in new[] { "boxes.json", "coco.json", "labels/dog.txt", "drawn/dog.png" })
            Assert.IsTrue(File.Exists(Path.Combine(Out, file)), file);
        StringAssert.StartsWith(File.ReadAllText(Path.Combine(Out, "labels", "dog.txt")), "16 0.");
    }

    [TestMethod]
    public void Detect_MoreThanTenPictures_AreToldByTheirNumber()
    {
        Directory.CreateDirectory(_folder.File("in"));
        using var gray = new Mat(48, 64, MatType.CV_8UC3, Scalar.All(114));
        for (int i = 0; i < 12; i++)
            Cv2.ImWrite(_folder.File("in", $"{i:00}.png"), gray);

        (int code, string output, string error) =
            Trainer("detect", Faces, _folder.File("in"), "--out", Out, "--without", "drawn,labels,coco");

        Assert.AreEqual(0, code, error);
        string[] lines = output.Split(Environment.NewLine);
        Assert.AreEqual($"{_folder.File("in", "00.png")}: nothing found", lines[0]);
        Assert.AreEqual("… 2 more pictures", lines[10]);
        Assert.AreEqual("0 boxes in 12 pictures", lines[11]);
        CollectionAssert.AreEqual(new[] { "boxes.json" }, Directory.GetFileSystemEntries(Out).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void Detect_AVideo_IsFrames()
    {
        string video = _folder.File("clip.avi");
        using (Mat face = Cv2.ImRead(SharedData.Require("images", "ultraface", "12.jpg")))
        using (var small = new Mat())
        {
            Cv2.Resize(face, small, new Size(320, 240));
            using var writer = new VideoWriter(video, FourCC.MJPG, 10, small.Size());
            for (int i = 0; i < 4; i++)
                writer.Write(small);
        }

        (int code, string output, string error) = Trainer("detect", Faces, video, "--out", Out, "--every", "2", "--json");

        Assert.AreEqual(0, code, error);
        JsonElement result = JsonDocument.Parse(output).RootElement;
        Assert.AreEqual(2, result.GetProperty("pictures").GetInt32());
        Assert.AreEqual("face", result.GetProperty("found")[0].GetProperty("label").GetString());
        CollectionAssert.AreEquivalent(new[] { "clip_000000.png", "clip_000002.png" },
            Directory.GetFiles(Path.Combine(Out, "drawn")).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void Detect_APictureThatCannotBeRead_IsSaid_AndTheOthersAreDone()
    {
        File.WriteAllText(_folder.File("broken.png"), "no picture");

        (int code, string output, string error) = Trainer("detect", FastestDet, _folder.File("broken.png"), Dog, "--out", Out);

        Assert.AreEqual(2, code);
        StringAssert.Contains(error, $"error: {_folder.File("broken.png")}: ");
        StringAssert.Contains(output, "3 boxes in 1 picture: 1 class 1, 1 class 16, 1 class 2");
        StringAssert.Contains(error, "head: FastestDet, 80 classes, without names: --labels gives them");
    }

    [TestMethod]
    [DataRow("--confidence 2", "--confidence is '2', expected a number from 0 to 1.")]
    [DataRow("--overlap x", "--overlap is 'x', expected a number from 0 to 1.")]
    [DataRow("--max-boxes 0", "--max-boxes is '0', expected a whole number from 1 to 1000000.")]
    [DataRow("--without pictures", "--without has 'pictures', expected some of labels, coco, drawn.")]
    [DataRow("--labels nowhere.txt", "'nowhere.txt' is neither a file nor a set of names that is known: coco, coco91")]
    [DataRow("--labels coco91", "its head (FastestDet) tells 80 classes apart, got 90 names")]
    [DataRow("--size 96", "input 'input.1' takes [1, 3, 352, 352], the preprocessing makes [1, 3, 96, 96]")]
    public void Detect_WrongUse_IsOneLine(string option, string part)
    {
        (int code, string output, string error) = Trainer(["detect", FastestDet, Dog, "--out", Out, "--quiet", .. option.Split(' ')]);

        Assert.AreEqual(2, code);
        Assert.AreEqual("", output);
        string[] lines = error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        StringAssert.Contains(lines[^1], part);
        Assert.HasCount(1, lines, error);
        Assert.IsFalse(Directory.Exists(Out));
    }

    [TestMethod]
    public void Detect_AClassifier_SaysWhatIsKnown()
    {
        string classifier = SharedData.Require("onnx-models", "classification", "resnet20_cifar10.onnx");

        (int code, string output, string error) = Trainer("detect", classifier, Dog, "--out", Out);

        Assert.AreEqual(2, code);
        Assert.AreEqual("", output);
        StringAssert.StartsWith(error,
            $"error: {classifier}: its outputs 208 float32[1, 10] are of no detection head that is known: known are ");
        Assert.IsFalse(Directory.Exists(Out));
    }

    private static (int Code, string Output, string Error) Trainer(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = CommandHost.Run(TrainerCommands.Root(), args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
