using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Tests.Support;
using CnnOnnx.Trainer.Commands;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Training;

/// <summary>A narrow YOLOv3 that learns to find what is drawn, from the files to the figures of its export, as a user calls it.</summary>
[TestClass]
public sealed class DetectorLearningTests
{
    private readonly TemporaryFolder _folder = new();
    private int _threads;

    [TestInitialize]
    public void RememberThreads() => _threads = get_num_threads();

    [TestCleanup]
    public void Clean()
    {
        set_num_threads(_threads);
        _folder.Dispose();
    }

    // 0.86 after these epochs with seed 1 and one thread, and more after more of them; 0.2 after the first.
    // The training measures with TorchSharp, evaluate with ONNX Runtime; they let boxes above 0.005 and above 0.001 count.
    [TestMethod]
    [TestCategory("Long")]
    public void Train_NarrowOnDrawnBoxes_FindsMostAndSoDoesItsExport()
    {
        string set = _folder.File("set"), model = _folder.File("out", "narrow.onnx"), measured = _folder.File("measured");
        DrawnBoxes.Write(set, 160, 400, 60);

        (int code, _, string error) = Trainer("train", "yolov3", "--width", "0.125", "--size", "160", "--data", set, "--out", model,
            "--epochs", "28", "--batch", "8", "--optimizer", "adam", "--lr", "0.002", "--warm-up", "0.5", "--weight-decay", "0",
            "--ema", "0.98", "--augment", "flip", "--seed", "1");

        Assert.AreEqual(0, code, error);
        string metrics = _folder.File("out", "narrow.metrics.json");
        double trained = Number(metrics, "test", "mAP50");
        Assert.IsGreaterThanOrEqualTo(0.8, trained);
        (code, string output, error) = Trainer("evaluate", model, "--data", set, "--out", measured, "--device", "cpu");
        Assert.AreEqual(0, code, error);
        StringAssert.Contains(output, " on 60 test pictures with ");
        Assert.AreEqual(trained, Number(Path.Combine(measured, "metrics.json"), "map50"), 0.02);
    }

    private static double Number(string path, params string[] names)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        return names.Aggregate(json.RootElement, (element, name) => element.GetProperty(name)).GetDouble();
    }

    private static (int Code, string Output, string Error) Trainer(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = CommandHost.Run(TrainerCommands.Root(), arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
