using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Formats;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Trainer.Architectures;
using CnnOnnx.Trainer.Commands;
using CnnOnnx.Trainer.Data;

namespace CnnOnnx.Tests.Commands;

/// <summary>trainer export, and trainer train --weights, as a user calls them.</summary>
[TestClass]
public sealed class ExportCommandTests
{
    private const string Cfg = "[net]\nheight=4\nwidth=4\nchannels=3\n[convolutional]\nbatch_normalize=1\nfilters=2\nsize=3\npad=1\n"
        + "activation=leaky\n[avgpool]\n[softmax]\n";

    // Biases, scales, means, variances of two channels, and kernels of 3·3·3.
    private const int Values = 8 + (2 * 27);

    private readonly TemporaryFolder _folder = new();

    private string Out => _folder.File("out.onnx");

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public void Export_Darknet_WritesAModelAndSaysItsForm()
    {
        WriteDarknet();
        (int code, string output, string error) = Trainer("export", _folder.File("net.cfg"), "--weights", _folder.File("net.weights"),
            "--out", Out,
            "--labels", _folder.File("names"), "--size", "6x8", "--bn-epsilon", "1e-5");

        Assert.AreEqual(0, code, error);
        Assert.AreEqual($"{Out}: {Values} weights in 5 tensors, 6 nodes", output.TrimEnd());
        StringAssert.Contains(error, "BatchNormalization adds 1e-5 to the variance inside the root, the form that most weights were"
            + " trained with");
        OnnxModel model = OnnxModel.Read(Out);
        CollectionAssert.AreEqual(new[] { "cat", "dog" }, model.Card.Labels);
        Assert.AreEqual("6x8 rgb, crop, 0..1", model.Card.Input!.ToString());
    }

    [TestMethod]
    public void Export_Json_IsOneDocument()
    {
        WriteDarknet();
        (int code, string output, _) = Trainer("export", _folder.File("net.cfg"), "--weights", _folder.File("net.weights"), "--out", Out,
            "--json");
        JsonElement json = JsonDocument.Parse(output).RootElement;
        Assert.AreEqual(0, code);
        Assert.AreEqual("Darknet weights", json.GetProperty("format").GetString());
        Assert.AreEqual(Values, json.GetProperty("parameters").GetInt32());
        Assert.AreEqual(2, json.GetProperty("remarks").GetArrayLength());
    }

    // The classes of an architecture are those of the checkpoint.
    [TestMethod]
    public void Export_Architecture_TakesItsClassesFromTheCheckpoint()
    {
        string checkpoint = WriteLeNet(classes: 7);
        (int code, string output, string error) = Trainer("export", "lenet", "--weights", checkpoint, "--out", Out);
        Assert.AreEqual(0, code, error);
        OnnxModel model = OnnxModel.Read(Out);
        Assert.AreEqual("[7, 84]", model.Graph.Initializer["fc3.weight"].Shape.ToString());
        Assert.AreEqual(0.25f, model.Graph.Initializer["conv1.weight"].Load().As<float>()[0]);
        StringAssert.Contains(error, "10 of 10 tensors of the safetensors fill 10 initializers; 5 layers by their names");
    }

    [TestMethod]
    public void Export_YoloFastest_HasHeadsAndStages()
    {
        string folder = SharedData.Require("yolo-fastest");
        (int code, string output, string error) = Trainer("export", Path.Combine(folder, "yolo-fastest-1.1.cfg"), "--weights",
            Path.Combine(folder, "yolo-fastest-1.1.weights"), "--out", Out, "--labels", Path.Combine(folder, "coco.names"));
        Assert.AreEqual(0, code, error);
        StringAssert.Contains(output, ": 346,062 weights in ");
        StringAssert.Contains(output, "2 yolov3 heads of 80 classes");
        StringAssert.Contains(error, "346,062 weights of Darknet 0.2.5 in 131 layers");
    }

    [TestMethod]
    public void Train_WithWeights_BeginsWithThem()
    {
        string data = _folder.File("data"), checkpoint = WriteLeNet(classes: 10), start = _folder.File("out.start.onnx");
        DrawnSet.All.Single(s => s.Name == "shapes").Draw(data, 4, 2, 0, null, default);
        (int code, _, string error) = Trainer("train", "lenet", "--weights", checkpoint, "--data", data, "--out", Out, "--epochs", "1",
            "--freeze",
            "conv*", "--size", "28x28", "--channels", "gray");
        Assert.AreEqual(0, code, error);
        Assert.AreEqual(0.25f, OnnxModel.Read(start).Graph.Initializer["conv2.weight"].Load().As<float>()[0]);
        // What the training left goes into an architecture again.
        (code, string output, error) = Trainer("export", "lenet", "--weights", _folder.File("out.best.ckpt"), "--out",
            _folder.File("again.onnx"));
        Assert.AreEqual(0, code, error);
        StringAssert.Contains(output, " weights in 10 tensors");
        // Frozen, so that they are in the result as they were in the checkpoint.
        Assert.AreEqual(0.25f, OnnxModel.Read(Out).Graph.Initializer["conv2.weight"].Load().As<float>()[0]);
    }

    // Arguments, what the line says. FOLDER stands for a path.
    [TestMethod]
    [DataRow("export lenet --out FOLDER/out.onnx", "Option '--weights' is required.")]
    [DataRow("export lenet --weights FOLDER/nothing --out FOLDER/out.onnx", "FOLDER/nothing: does not exist")]
    [DataRow("export lenet --weights FOLDER/net.weights --out FOLDER/out.onnx", "FOLDER/net.weights: is perhaps a Darknet file of weights")]
    [DataRow("export lenet --weights FOLDER/net.cfg --out FOLDER/out.onnx", "FOLDER/net.cfg: is a Darknet cfg, which has no weights")]
    [DataRow("export lenett --weights FOLDER/lenet.safetensors --out FOLDER/out.onnx", "'lenett' is no architecture, no Darknet cfg and no"
        + " ONNX file")]
    [DataRow("export FOLDER/net.cfg --weights FOLDER/lenet.safetensors --out FOLDER/out.onnx", "FOLDER/lenet.safetensors: ")]
    [DataRow("export FOLDER/net.cfg --weights FOLDER/net.weights --out FOLDER/out.txt", "--out is 'FOLDER/out.txt', expected a path that"
        + " ends in .onnx")]
    [DataRow("export FOLDER/net.cfg --weights FOLDER/net.weights --out FOLDER/out.onnx --entry ema", "--entry is for checkpoints")]
    [DataRow("export FOLDER/net.cfg --weights FOLDER/net.weights --out FOLDER/out.onnx --bn-epsilon 2", "--bn-epsilon is '2', expected a"
        + " number above 0")]
    [DataRow("export FOLDER/net.cfg --weights FOLDER/net.weights --out FOLDER/out.onnx --size big", "--size is 'big', expected height and"
        + " width")]
    [DataRow("export FOLDER/net.cfg --weights FOLDER/net.weights --out FOLDER/out.onnx --labels FOLDER/none", "--labels FOLDER/none:"
        + " cannot be read")]
    [DataRow("export FOLDER/net.cfg --weights FOLDER/net.weights --out FOLDER/out.onnx --labels FOLDER/net.cfg", "12 class names for"
        + " FOLDER/net.cfg, "
        + "which has 2 classes")]
    [DataRow("export xo --weights FOLDER/lenet.safetensors --out FOLDER/out.onnx", "FOLDER/lenet.safetensors: does not fill ")]
    [DataRow("train --resume FOLDER/x --weights FOLDER/lenet.safetensors", "FOLDER/x: ")]
    public void BadInput_IsOneLineAndExitCode2AndNoFile(string arguments, string expected)
    {
        WriteDarknet();
        WriteLeNet(classes: 10);
        (int code, string output,
            string error) = Trainer([.. arguments.Split(' ').Select(a => a.Replace("FOLDER", _folder.Path)), "--quiet"]);
        Assert.AreEqual(2, code, error);
        Assert.AreEqual("", output);
        StringAssert.StartsWith(error, "error: " + expected.Replace("FOLDER", _folder.Path));
        Assert.HasCount(1, error.TrimEnd().Split('\n'));
        Assert.IsFalse(File.Exists(Out));
    }

    private void WriteDarknet()
    {
        File.WriteAllText(_folder.File("net.cfg"), Cfg);
        File.WriteAllText(_folder.File("names"), "cat\ndog\n");
        var random = new Random(2);
        byte[] values = [.. Enumerable.Range(0, Values).SelectMany(_ => BitConverter.GetBytes((float)random.NextDouble()))];
        File.WriteAllBytes(_folder.File("net.weights"), [0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, .. new byte[8], .. values]);
    }

    private string WriteLeNet(int classes)
    {
        string path = _folder.File("lenet.safetensors");
        Architecture lenet = ArchitectureTable.Find("lenet")!;
        SafeTensor[] tensors = [.. lenet.Build(lenet.Input, classes).Graph.Initializers.Select(t =>
            new SafeTensor(t.Name, ElementType.Float, t.Shape))];
        SafeTensorsFile.Write(path, tensors, new Dictionary<string, string>(), (tensor, file) =>
        {
            for (long i = 0; i < tensor.Shape.Count; i++)
                file.Write(BitConverter.GetBytes(0.25f / (1 + (i % 13))));
        });
        return path;
    }

    private static (int Code, string Output, string Error) Trainer(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = CommandHost.Run(TrainerCommands.Root(), arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
