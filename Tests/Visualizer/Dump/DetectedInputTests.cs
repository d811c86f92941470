using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Tests.Support;

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
        StringAssert.Contains(File.ReadAllText(Path.Combine(output, "index.html")), "FastestDet finds 3 boxes");
    }
}
