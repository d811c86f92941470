using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Imaging;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Commands;
using CnnOnnx.Trainer.Figures;
using OpenCvSharp;

namespace CnnOnnx.Tests.Evaluation;

/// <summary>trainer evaluate of a detector, as a user calls it.</summary>
[TestClass]
public sealed class EvaluateDetectorTests
{
    private readonly TemporaryFolder _folder = new();

    private static string FastestDet => SharedData.Require("onnx-models", "detection", "FastestDet.onnx");

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    // What it finds above 0.5 is taken for the truth, with one thing more that is not there and one that it has no name for: all of
    // three classes is found before anything else of them, nothing of the fourth, and the fifth has no say.
    [TestMethod]
    public void Evaluate_AgainstItsOwnBoxes_GivesThePrecisionWorkedOutByHand()
    {
        WriteSet("car\nbicycle\ndog\nzebra\nunicorn\n", new() { [2] = 0, [1] = 1, [16] = 2 }, "3 0.1 0.9 0.1 0.1\n4 0.5 0.5 0.2 0.2\n");

        (int code, string output, string error) = Trainer("evaluate", FastestDet, "--data", _folder.File("set"), "--labels", "coco",
            "--out", _folder.File("out"), "--device", "cpu");

        Assert.AreEqual(0, code, error);
        StringAssert.StartsWith(output, "mAP@0.5 0.7500, mAP@0.5:0.95 0.7500 on 1 picture with 4 boxes");
        StringAssert.Contains(error, "not measured, since the model does not know them: unicorn (1 box)");
        JsonElement metrics = JsonDocument.Parse(File.ReadAllText(_folder.File("out", "metrics.json"))).RootElement;
        Assert.AreEqual(0.75, metrics.GetProperty("map50").GetDouble(), 1e-9);
        Assert.AreEqual("car 1, bicycle 1, dog 1, zebra 0", string.Join(", ", metrics.GetProperty("classes").EnumerateArray()
            .Select(c => FormattableString.Invariant($"{c.GetProperty("class")} {c.GetProperty("ap50").GetDouble():0.###}"))));
        // all three and nothing else: 2·3/(3 + 4)
        Assert.AreEqual(6.0 / 7, metrics.GetProperty("threshold").GetProperty("f1").GetDouble(), 1e-9);
        foreach (string file in new[] { "curves.png", "worst.png" })
            using (Mat figure = PictureFile.Read(_folder.File("out", file)))
                Assert.IsGreaterThan(200, figure.Width);
        JsonElement[] boxes = [.. JsonDocument.Parse(File.ReadAllText(_folder.File("out", "coco.json"))).RootElement.EnumerateArray()];
        Assert.AreEqual((1, 3), (boxes[0].GetProperty("image_id").GetInt32(), boxes[0].GetProperty("category_id").GetInt32()), "the dog");
    }

    [TestMethod]
    public void Evaluate_Json_IsTheMetrics()
    {
        WriteSet("car\nbicycle\ndog\n", new() { [2] = 0, [1] = 1, [16] = 2 }, "");
        (int code, string output, string error) =
            Trainer("evaluate", FastestDet, "--data", _folder.File("set"), "--labels", "coco", "--json", "--device", "cpu");
        Assert.AreEqual(0, code, error);
        Assert.AreEqual(1, JsonDocument.Parse(output).RootElement.GetProperty("map").GetDouble(), 1e-9);
    }

    [TestMethod]
    public void Evaluate_OtherClasses_IsRefusedAndWritesNothing()
    {
        WriteSet("unicorn\ngriffin\n", [], "0 .5 .5 .5 .5\n1 .5 .5 .4 .4\n");
        (int code, _, string error) = Trainer("evaluate", FastestDet, "--data", _folder.File("set"), "--labels", "coco", "--out",
            _folder.File("out"));
        Assert.AreEqual(2, code);
        StringAssert.Contains(error, "the data has unicorn, griffin; expected at least one class of the same name");
        Assert.IsFalse(Directory.Exists(_folder.File("out")));
    }

    [TestMethod]
    public void Data_Boxes_AreASetToEvaluateWith()
    {
        (int code, string output, string error) =
            Trainer("data", "boxes", _folder.File("set"), "--train", "4", "--test", "2", "--size", "96", "--seed", "3");
        Assert.AreEqual(0, code, error);
        StringAssert.StartsWith(output, "8 pictures of 96x96 with ");
        BoxFolder set = BoxFolder.Open(_folder.File("set"));
        Assert.AreEqual("train 4, val 2, test 2", string.Join(", ", set.Parts.Select(p => $"{p.Name} {p.Pictures.Length}")));
        (code, _, error) = Trainer("data", "boxes", _folder.File("other"), "--size", "32");
        Assert.AreEqual(2, code);
        StringAssert.Contains(error, "--size is 32, expected 64 or more.");
    }

    [TestMethod]
    public void SampleSheet_Augmented_ShowsPicturesAndBoxes()
    {
        Trainer("data", "boxes", _folder.File("set"), "--train", "8", "--test", "1", "--size", "96");
        using BoxSource source = BoxFolder.Open(_folder.File("set")).Parts[0].Open(new InputSpec { Size = new(96, 96) });
        using (Mat plain = PictureFile.Decode(BoxSampleSheet.Draw(source), "sheet"))
            Assert.AreEqual((6 + (6 * (192 + 6)), 6 + (2 * (192 + 6))), (plain.Width, plain.Height));
        source.Augmentation = Augmentation.Parse("mosaic,zoom=0.5,flip");
        CollectionAssert.AreNotEqual(BoxSampleSheet.DrawAugmented(source, 1), BoxSampleSheet.DrawAugmented(source, 2));
    }

    private void WriteSet(string names, Dictionary<int, int> classOf, string more)
    {
        string dog = SharedData.Require("darknet", "data", "dog.jpg");
        Directory.CreateDirectory(_folder.File("set", "images"));
        Directory.CreateDirectory(_folder.File("set", "labels"));
        File.Copy(dog, _folder.File("set", "images", "1.jpg"));
        File.WriteAllText(_folder.File("set", "classes.txt"), names);
        string lines = "";
        if (classOf.Count > 0)
        {
            (int code, _, string error) = Trainer("detect", FastestDet, dog, "--out", _folder.File("found"), "--labels", "coco", "--device",
                "cpu", "--without", "drawn,coco");
            Assert.AreEqual(0, code, error);
            lines = string.Concat(File.ReadAllLines(_folder.File("found", "labels", "dog.txt")).Select(l => l.Split(' ', 2))
                .Select(l => $"{classOf[int.Parse(l[0])]} {l[1]}\n"));
        }

        File.WriteAllText(_folder.File("set", "labels", "1.txt"), lines + more);
    }

    private static (int Code, string Output, string Error) Trainer(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = CommandHost.Run(TrainerCommands.Root(), args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
