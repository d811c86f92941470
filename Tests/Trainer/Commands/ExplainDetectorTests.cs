using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Tests.Support;
using CnnOnnx.Trainer.Commands;
using OpenCvSharp;
using TorchSharp;

namespace CnnOnnx.Tests.Commands;

/// <summary>trainer explain of detectors that people use: a map for each box, where the box is.</summary>
[TestClass]
public sealed class ExplainDetectorTests
{
    private readonly TemporaryFolder _folder = new();
    private int _threads;

    private static string Dog => SharedData.Require("darknet", "data", "dog.jpg");

    private static string FastestDet => SharedData.Require("onnx-models", "detection", "FastestDet.onnx");

    private string Why => _folder.File("why");

    [TestInitialize]
    public void RememberThreads() => _threads = torch.get_num_threads();

    [TestCleanup]
    public void Clean()
    {
        torch.set_num_threads(_threads);
        _folder.Dispose();
    }

    [TestMethod]
    public void FastestDet_AMapForEachBoxPeaksInIt()
    {
        JsonElement manifest = Explain(FastestDet, out string output, "--target", "box:all", "--labels", "coco");

        StringAssert.StartsWith(output, "dog 0.64, bicycle 0.60, car 0.59");
        StringAssert.Contains(output, "box 0 dog: ");
        StringAssert.Contains(output, ", decided by the middle of its box; class score input.624[0,16,14,7] + objectness ");
        Assert.AreEqual(-1, output.IndexOf("found back", StringComparison.Ordinal), "the way back is on the page alone");
        Assert.HasCount(3, Peaks(manifest, cells: 0));
        string page = File.ReadAllText(Path.Combine(Why, "index.html"));
        StringAssert.Contains(page, "Dog 0.64 is decided by the middle of its box.");
        StringAssert.Contains(page, "found back through Concat, Transpose, Softmax");
        Assert.AreEqual(-1, page.IndexOf("motorbike", StringComparison.Ordinal), "a class read off a head is none");
        Assert.AreEqual(0, manifest.GetProperty("classes").GetArrayLength());
    }

    [TestMethod]
    public void YoloFastest_TwoBoxesOfTwoScales_AreShownAndNotCompared()
    {
        string model = YoloFastest();
        JsonElement[] all = [.. Explain(model, out _, "--target", "box:all").GetProperty("maps").EnumerateArray()];
        string[] layers = [.. all.Select(map => map.GetProperty("layer").GetString()!)];
        int other = Array.FindIndex(layers, layer => layer != layers[0]);
        Assert.IsGreaterThan(0, other, "boxes of two scales");

        Explain(model, out _, "--target", $"box:0,box:{other}");

        string page = File.ReadAllText(Path.Combine(Why, "index.html"));
        StringAssert.Contains(page, "nothing to compare");
        StringAssert.Contains(page, $"The two come from other layers: {layers[0]} (");
    }

    [TestMethod]
    public void YoloFastest_AMapForEachBoxAtItsScalePeaksInItOrACellBeside()
    {
        string model = YoloFastest();

        JsonElement manifest = Explain(model, out string output, "--target", "box:all");

        StringAssert.StartsWith(output, "bicycle 0.61, dog 0.60, car 0.51");
        // One layer a box: the scale that it comes from. The maps are 10 and 20 cells wide, and a box may be of one.
        Assert.HasCount(manifest.GetProperty("targets").GetArrayLength(), Peaks(manifest, cells: 1));
        foreach (JsonElement map in manifest.GetProperty("maps").EnumerateArray())
            Assert.IsGreaterThan(0, map.GetProperty("max").GetSingle(), map.GetProperty("key").GetString());
    }

    [TestMethod]
    public void APlace_FindsTheCell_AndALabelTheBox()
    {
        JsonElement manifest = Explain(
            FastestDet, out string output, "--target", "at:120,200,210,340=dog,car,top", "--labels", "coco");

        JsonElement[] targets = [.. manifest.GetProperty("targets").EnumerateArray()];
        CollectionAssert.AreEqual(new[] { "dog at 120,200,210,340", "box 2 car", "box 0 dog" },
            targets.Select(target => target.GetProperty("name").GetString()).ToArray());
        // The rectangle is nearly that of the box, so its cell is the box's own or the one beside, which may fit as well.
        (string Tensor, int[] Index) at = FirstTerm(targets[0]), box = FirstTerm(targets[2]);
        Assert.AreEqual(box.Tensor, at.Tensor);
        CollectionAssert.AreEqual(box.Index[..2], at.Index[..2], "another class");
        Assert.IsLessThanOrEqualTo(1, Math.Abs(box.Index[2] - at.Index[2]), "another row");
        Assert.IsLessThanOrEqualTo(1, Math.Abs(box.Index[3] - at.Index[3]), "another column");

        (int code, _, string error) = Trainer(
            "explain", FastestDet, Dog, "--target", "zebra", "--labels", "coco", "--out", _folder.File("none"), "--threads", "1");
        Assert.AreEqual(2, code);
        StringAssert.Contains(error, "no box of it came out of this picture, only dog, bicycle, car; at:x,y,w,h=zebra");
    }

    private static (string Tensor, int[] Index) FirstTerm(JsonElement target)
    {
        JsonElement term = target.GetProperty("terms")[0];
        return (term.GetProperty("tensor").GetString()!, [.. term.GetProperty("index").EnumerateArray().Select(place => place.GetInt32())]);
    }

    private string YoloFastest()
    {
        string folder = SharedData.Require("yolo-fastest"), model = _folder.File("yolo-fastest.onnx");
        (int code, _, string error) = Trainer("export", Path.Combine(folder, "yolo-fastest-1.1.cfg"), "--weights",
            Path.Combine(folder, "yolo-fastest-1.1.weights"), "--out", model, "--labels", Path.Combine(folder, "coco.names"));
        Assert.AreEqual(0, code, error);
        return model;
    }

    private JsonElement Explain(string model, out string output, params string[] options)
    {
        (int code, output, string error) = Trainer(
            ["explain", model, Dog, "--method", "grad-cam", .. options, "--out", Why, "--threads", "1"]);
        Assert.AreEqual(0, code, error);
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(Why, "manifest.json")));
        return manifest.RootElement.Clone();
    }

    // Peaks in pixels of the picture, for each box that has one at its last layer; each has to lie in the box.
    private static List<Point2d> Peaks(JsonElement manifest, int cells)
    {
        bool isLetterbox = manifest.GetProperty("preprocessing").GetProperty("resize").GetString() == "letterbox";
        int[] picture = [.. manifest.GetProperty("pictureSize").EnumerateArray().Select(side => side.GetInt32())];
        // A square input with bars holds a square around the picture, which begins above and left of it.
        double[] seen = [.. picture.Select(side => isLetterbox ? picture.Max() : (double)side)];
        JsonElement[] boxes = [.. manifest.GetProperty("boxes").EnumerateArray()];
        List<Point2d> peaks = [];
        foreach (JsonElement target in manifest.GetProperty("targets").EnumerateArray())
        {
            string name = target.GetProperty("name").GetString()!;
            double[] place = [.. boxes[target.GetProperty("box").GetInt32()].GetProperty("place").EnumerateArray()
                .Select(number => number.GetDouble())];
            JsonElement map = manifest.GetProperty("maps").EnumerateArray().Last(one => one.GetProperty("target").GetString() == name);
            int[] shape = [.. map.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];
            int[] peak = [.. map.GetProperty("peak").EnumerateArray().Select(cell => cell.GetInt32())];
            double high = seen[0] / shape[1], wide = seen[1] / shape[2];
            var middle = new Point2d(
                (peak[1] + 0.5) * wide - (seen[1] - picture[1]) / 2, (peak[0] + 0.5) * high - (seen[0] - picture[0]) / 2);
            var near = new Rect2d(place[0] - cells * wide, place[1] - cells * high,
                place[2] + 2 * cells * wide, place[3] + 2 * cells * high);
            Assert.IsTrue(near.Contains(middle), $"{name}: the peak {middle} is not in {near}");
            peaks.Add(middle);
        }

        return peaks;
    }

    private static (int Code, string Output, string Error) Trainer(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = CommandHost.Run(TrainerCommands.Root(), args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
