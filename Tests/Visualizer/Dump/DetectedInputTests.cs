using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Dump;
using OpenCvSharp;

namespace CnnOnnx.Tests.Dump;

[TestClass]
public sealed class DetectedInputTests
{
    [TestMethod]
    public void Dump_OfADetector_BringsItsPreprocessingAndDrawsItsBoxes()
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out");
        var run = ProgramRun.Visualizer("dump", SharedData.Require("onnx-models", "detection", "FastestDet.onnx"),
            SharedData.Require("darknet", "data", "dog.jpg"), "--labels", "coco", "--last", "1", "--out", output);
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "guessed 'FastestDet' because its outputs are those of that detector; that is 352x352 bgr");
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "manifest.json")));
        JsonElement detected = manifest.RootElement.GetProperty("detected");
        CollectionAssert.AreEqual(new[] { "dog", "bicycle", "car" },
            detected.GetProperty("boxes").EnumerateArray().Select(box => box.GetProperty("label").GetString()).ToArray());
        Assert.IsTrue(File.Exists(Path.Combine(output, "boxes.jpg")));
        string page = File.ReadAllText(Path.Combine(output, "index.html"));
        StringAssert.Contains(page, "FastestDet finds 3 boxes");
        // the level, and the cell that its own code names for the dog
        JsonElement level = detected.GetProperty("levels").EnumerateArray().Single();
        Assert.AreEqual((22, 22, true, "level1.jpg"), (level.GetProperty("columns").GetInt32(), level.GetProperty("rows").GetInt32(),
            level.GetProperty("isObjectness").GetBoolean(), level.GetProperty("picture").GetProperty("file").GetString()));
        Assert.IsTrue(File.Exists(Path.Combine(output, "level1.jpg")));
        JsonElement cell = detected.GetProperty("boxes")[0].GetProperty("cell");
        Assert.AreEqual((7, 14), (cell.GetProperty("column").GetInt32(), cell.GetProperty("row").GetInt32()));
        StringAssert.Contains(page, "Where the boxes come from");
        StringAssert.Contains(page, "<td>dog</td>");
        StringAssert.Contains(page, "<td>column 7, row 14</td>");
    }

    // The brightest pixels of a level's picture lie over its surest cell: of a 4×4 grid over a letterboxed picture twice as wide as high.
    [TestMethod]
    public void LevelPicture_SurestCell_IsBrightest()
    {
        using var picture = new Mat(100, 200, MatType.CV_8UC3, Scalar.All(120));
        var map = new ScoreMap(0, 4, 4, [.. Enumerable.Range(0, 16).Select(i => i == 6 ? 0.8f : 0.1f)], true);
        var spec = new InputSpec { Size = new(64, 64), Resize = ResizeMode.Letterbox };
        using Mat drawn = LevelPicture.Draw(map, 0.8, picture, new Detections(picture.Size(), [], spec));
        using Mat gray = drawn.CvtColor(ColorConversionCodes.BGR2GRAY);
        // cell 6 is column 2, row 1: of the input x 32 to 48 and y 16 to 32, which the picture's 100 to 150 and 0 to 50 fill
        using var bright = new Mat();
        Cv2.Threshold(gray, bright, 110, 255, ThresholdTypes.Binary);
        Assert.AreEqual(new Rect(100, 0, 50, 50), Scaled(Cv2.BoundingRect(bright), 200.0 / drawn.Width));
    }

    private static Rect Scaled(Rect box, double scale) => new((int)Math.Round(box.X * scale), (int)Math.Round(box.Y * scale),
        (int)Math.Round(box.Width * scale), (int)Math.Round(box.Height * scale));
}
