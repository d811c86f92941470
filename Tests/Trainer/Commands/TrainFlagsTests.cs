using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Data;
using CnnOnnx.Tests.Support;
using CnnOnnx.Tests.Training;
using CnnOnnx.Trainer.Commands;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Commands;

/// <summary>trainer train with learning rates of parts, kept features and quantised models, as a user calls it.</summary>
[TestClass]
public sealed class TrainFlagsTests
{
    private readonly TemporaryFolder _folder = new();
    private int _threads;

    private string Model => _folder.File("out", "net.onnx");

    private string Data => _folder.File("pictures");

    [TestInitialize]
    public void Prepare()
    {
        _threads = get_num_threads();
        PictureFolders.Write(Data, ["a", "b", "c"], 10);
    }

    [TestCleanup]
    public void Clean()
    {
        set_num_threads(_threads);
        _folder.Dispose();
    }

    [TestMethod]
    public void Train_LayerDecayAndRatesByName_TellsThemAndKeepsThemInTheCard()
    {
        string output = Train("lenet", "--lr", "0.01", "--layer-decay", "0.5", "--lr-of", "conv1.bias=3");
        string[] told =
            [.. output.Split(Environment.NewLine).SkipWhile(line => !line.StartsWith("group", StringComparison.Ordinal)).Take(7)];
        Assert.AreEqual("group weights numbers rate | block 1 conv1.weight 150 0.000625 | conv1.bias=3 conv1.bias 6 0.03 | "
            + "block 2 conv2.* (2) 2,416 0.00125 | block 3 fc1.* (2) 48,120 0.0025 | block 4 fc2.* (2) 10,164 0.005 | "
            + "classifier fc3.* (2) 255 0.01",
            string.Join(" | ", told.Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))));
        JsonElement options = JsonDocument.Parse(OnnxModel.Read(Model).Card.Training!).RootElement.GetProperty("options");
        Assert.AreEqual("0.5 conv1.bias=3", $"{options.GetProperty("layerDecay")} {options.GetProperty("namedRates")[0]}");
    }

    [TestMethod]
    public void Train_ResumedWithRatesOfParts_WritesTheSameModel()
    {
        string[] options =
            ["--schedule", "constant", "--layer-decay", "0.5", "--lr-of", "*.bias=2", "--optimizer", "adam", "--lr", "0.001"];
        _ = Train(["lenet", "--epochs", "4", .. options]);
        byte[] straight = File.ReadAllBytes(Model);
        _ = Train(["lenet", "--epochs", "2", .. options]);
        (int code, _, string error) = Trainer("train", "--resume", Model.Replace(".onnx", ".last.ckpt"), "--epochs", "4");
        Assert.AreEqual(0, code, error);
        CollectionAssert.AreEqual(straight, File.ReadAllBytes(Model));

        (code, _, error) = Trainer("train", "--resume", Model.Replace(".onnx", ".last.ckpt"), "--layer-decay", "0.9");
        Assert.AreEqual(2, code);
        StringAssert.Contains(error, "--layer-decay cannot change with --resume");
    }

    [TestMethod]
    public void Train_RateOfNoParameter_NamesTheOption()
    {
        (int code, _, string error) = Trainer("train", "lenet", "--data", Data, "--out", Model, "--lr-of", "head=2");
        Assert.AreEqual(2, code);
        StringAssert.Contains(error, "'head' is the name of no parameter that is trained");
        StringAssert.Contains(error, "--lr-of");
    }

    [TestMethod]
    public void Train_FrozenBackboneAgain_ReadsTheFeatures()
    {
        HeadGraphs.Build("gemm").Save(_folder.File("net.onnx"));
        string[] arguments = [_folder.File("net.onnx"), "--freeze-backbone", "--feature-cache", _folder.File("cache")];
        StringAssert.Contains(Train(arguments), "the features of 30 pictures were computed in ");
        byte[] first = File.ReadAllBytes(Model);
        StringAssert.Contains(Train(arguments), "the features of 30 pictures are read from ");
        CollectionAssert.AreEqual(first, File.ReadAllBytes(Model));
        Assert.IsFalse(File.Exists(Model.Replace(".onnx", ".features.safetensors")));

        string beside = Model.Replace(".onnx", ".features.");
        StringAssert.Contains(Train(_folder.File("net.onnx"), "--freeze-backbone"), "are kept in " + beside);
        StringAssert.Contains(Train(_folder.File("net.onnx"), "--freeze-backbone"), "are read from " + beside);
    }

    // Trained in real numbers, proven, and made of plain layers.
    [TestMethod]
    public void Train_QuantisedModel_BecomesOneOfRealNumbers()
    {
        QuantizedGraph.Build().Save(_folder.File("quantised.onnx"));
        string told = Train(_folder.File("quantised.onnx"), "--size", "8", "--channels", "gray", "--lr", "0.01");
        StringAssert.Contains(told, "weights are integers with scales in the file; they are trained and exported as float32");
        OnnxModel model = OnnxModel.Read(Model);
        Assert.AreEqual(
            "Conv Clip MaxPool GlobalAveragePool Flatten MatMul Add", string.Join(' ', model.Graph.Nodes.Select(n => n.OpType)));
        float[] before = QuantizedGraph.Build().WithRealNumbers().Graph.Initializer["conv.weight"].Load().ToFloats();
        float[] after = model.Graph.Initializer["conv.weight"].Load().ToFloats();
        Assert.IsGreaterThan(0, before.Zip(after).Max(pair => Math.Abs(pair.First - pair.Second)), "Its first layer has learned.");
        using var session = ActivationSession.Open(model, new() { Device = ComputeDevice.Cpu });
    }

    // The published checkpoint of a published graph: wiped from the graph and filled in from the .pth, the weights compute what they did.
    [TestMethod]
    public void Train_PthOfAPublishedGraph_StartsFromWhatItComputed()
    {
        OnnxModel published = OnnxModel.Read(SharedData.Require("onnx-models", "classification", "fashion_mnist_cnn.onnx"));
        string weights = SharedData.Require("pytorch-weights", "fashion_mnist_simple_cnn.pth");
        OnnxModel wiped = published.WithValues(published.Graph.Initializers.Where(t => t.Shape.Rank > 1)
            .ToDictionary(t => t.Name, t => new byte[t.Load().Bytes.Length]));
        wiped.Save(_folder.File("wiped.onnx"));
        _ = Train(_folder.File("wiped.onnx"), "--weights", weights, "--freeze-backbone");
        float[] pixels = [.. Enumerable.Range(0, 784).Select(i => i * 37 % 256 / 255f)];
        float[] Scores(OnnxModel model)
        {
            using var session = ActivationSession.Open(model, new() { Device = ComputeDevice.Cpu });
            using Activations seen = session.Run(TensorData.FromArray(pixels, new TensorShape(1, 1, 28, 28)));
            return seen[model.Graph.Outputs[0].Name].Values.ToArray();
        }

        float[] expected = Scores(published), scores = Scores(OnnxModel.Read(Model.Replace(".onnx", ".start.onnx")));
        Assert.IsGreaterThan(0.5f, expected.Max() - expected.Min());
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], scores[i], 1e-4f);
        Assert.AreNotEqual(expected[0], Scores(wiped)[0], 1e-3f);
    }

    private string Train(params string[] arguments)
    {
        (int code, _, string error) = Trainer(
            ["train", .. arguments, "--data", Data, "--out", Model, .. arguments.Contains("--epochs") ? [] : new[] { "--epochs", "1" },
                "--batch", "8", "--threads", "1"]);
        Assert.AreEqual(0, code, error);
        return error;
    }

    private static (int Code, string Output, string Error) Trainer(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = CommandHost.Run(TrainerCommands.Root(), arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
