using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Onnx;
using CnnOnnx.Tests.Data;
using CnnOnnx.Tests.Support;
using CnnOnnx.Trainer.Commands;
using CnnOnnx.Trainer.Data;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Commands;

/// <summary>trainer data, train and evaluate, as a user calls them.</summary>
[TestClass]
public sealed class TrainCommandTests
{
    private readonly TemporaryFolder _folder = new();
    private int _threads;

    private string Data => _folder.File("xo");

    private string Model => _folder.File("out", "net.onnx");

    [TestInitialize]
    public void RememberThreads() => _threads = get_num_threads();

    [TestCleanup]
    public void Clean()
    {
        set_num_threads(_threads);
        _folder.Dispose();
    }

    [TestMethod]
    public void Train_Augmented_WritesASheetOfChangedPictures()
    {
        _ = Trainer("data", "xo", Data, "--train", "12", "--test", "4");
        (int code, string output, string error) = Trainer("train", "lenet", "--data", Data, "--out", Model, "--epochs", "1", "--augment",
            "flip,rotate=0.1,mixup", "--ema", "0.9", "--clip", "1", "--balanced", "--class-weights", "--label-smoothing", "0.1");
        Assert.AreEqual(0, code, error);
        StringAssert.Contains(output, "net.augmented.png");
        Assert.IsTrue(File.Exists(_folder.File("out", "net.augmented.png")));

        (code, _, error) = Trainer("train", "lenet", "--data", Data, "--out", Model, "--augment", "turn");
        Assert.AreEqual(2, code);
        StringAssert.Contains(error, "the augmentation has 'turn', expected some of flip, ");
    }

    [TestMethod]
    public void Train_DrawnSet_WritesAllThatIsPromised()
    {
        (int code, string output, string error) = Trainer("data", "xo", Data, "--train", "40", "--test", "10");
        Assert.AreEqual(0, code, error);
        Assert.AreEqual($"100 pictures of circles, crosses in {Data}: train_data and test_data, seed 0{Environment.NewLine}", output);

        (code, output, error) = Trainer("train", "lenet", "--data", Data, "--out", Model, "--epochs", "3", "--batch", "16", "--threads",
            "1");

        Assert.AreEqual(0, code, error);
        CollectionAssert.AreEquivalent(
            new[] { "net.onnx", "net.metrics.json", "net.curves.png", "net.confusion.png", "net.mistakes.png", "net.samples.png",
                "net.best.ckpt", "net.last.ckpt" },
            Directory.GetFiles(_folder.File("out")).Select(Path.GetFileName).ToArray());
        StringAssert.Contains(output, "12 tensors agree with ONNX Runtime; largest difference");
        StringAssert.Contains(error, "epoch  3/3  train loss");
        StringAssert.Contains(error, "xo: 72 pictures to train with, 20 to test with, 2 classes, input 28x28 gray, stretch, 0..1");
        StringAssert.Contains(error, "the best epoch is chosen on 8 held-out pictures");
        StringAssert.Contains(output, " on 20 test pictures, loss ");
        StringAssert.Contains(output, " of 3, the best one on 8 held-out pictures: ");
        OnnxModel model = OnnxModel.Read(Model);
        CollectionAssert.AreEqual(new[] { "circles", "crosses" }, model.Card.Labels);
        Assert.AreEqual("28x28 gray, stretch, 0..1", model.Card.Input!.ToString());
        JsonElement training = JsonDocument.Parse(model.Card.Training!).RootElement;
        Assert.AreEqual(3, training.GetProperty("epochs").GetArrayLength());
        Assert.AreEqual(16, training.GetProperty("options").GetProperty("batch").GetInt32());
        Assert.IsFalse(model.Card.Training!.Contains(_folder.Path, StringComparison.Ordinal),
            "No path of this machine goes into the model.");
        JsonElement metrics = JsonDocument.Parse(File.ReadAllText(_folder.File("out", "net.metrics.json"))).RootElement;
        JsonElement data = metrics.GetProperty("data");
        Assert.AreEqual("held-out 8 20", $"{data.GetProperty("validatedOn")} {data.GetProperty("validation")} {data.GetProperty("test")}");
        Assert.AreEqual("8 held-out pictures", metrics.GetProperty("data").GetProperty("epochChosenOn").GetString());
        Assert.AreEqual(Compact(training.GetProperty("test")), Compact(metrics.GetProperty("test")));
        Assert.AreEqual(3, metrics.GetProperty("testOfLastEpoch").GetProperty("epoch").GetInt32());
        Assert.AreEqual(20,
            metrics.GetProperty("confusion").EnumerateArray().Sum(row => row.EnumerateArray().Sum(cell => cell.GetInt32())));
    }

    // The same training, stopped and gone on with, makes the same file, to the byte.
    [TestMethod]
    public void Train_Resumed_WritesTheSameModel()
    {
        Draw();
        string[] options = ["--optimizer", "adam", "--lr", "0.003", "--batch", "16", "--threads", "1", "--seed", "5"];
        Assert.AreEqual(0, Trainer(["train", "lenet", "--data", Data, "--out", Model, "--epochs", "4", .. options]).Code);
        Assert.AreEqual(0,
            Trainer(["train", "lenet", "--data", Data, "--out", _folder.File("half", "net.onnx"), "--epochs", "2", .. options]).Code);

        (int code, _, string error) = Trainer("train", "--resume", _folder.File("half"), "--epochs", "4");

        Assert.AreEqual(0, code, error);
        CollectionAssert.AreEqual(File.ReadAllBytes(Model), File.ReadAllBytes(_folder.File("half", "net.onnx")));
    }

    [TestMethod]
    public void Train_ColourSetOfAnotherSize_FitsTheNetworkToIt()
    {
        Assert.AreEqual(0, Trainer("data", "shapes", _folder.File("shapes"), "--train", "6", "--test", "2").Code);
        (int code, _, string error) = Trainer("train", "xo", "--data", _folder.File("shapes"), "--out", Model, "--size", "40x48",
            "--channels", "rgb", "--epochs", "1", "--threads", "1");
        Assert.AreEqual(0, code, error);
        OnnxModel model = OnnxModel.Read(Model);
        Assert.AreEqual("input: float32[N, 3, 40, 48]", model.Graph.Inputs[0].ToString());
        Assert.AreEqual("logits: float32[N, 6]", model.Graph.Outputs[0].ToString());
    }

    [TestMethod]
    public void Train_OnOwnModel_StartsFromItsWeights()
    {
        Draw();
        Assert.AreEqual(0, Trainer("train", "lenet", "--data", Data, "--out", Model, "--epochs", "1", "--threads", "1").Code);
        Assert.AreEqual(0, Trainer("data", "shapes", _folder.File("shapes"), "--train", "6", "--test", "2").Code);

        (int code, _, string error) = Trainer("train", Model, "--data", _folder.File("shapes"), "--out", _folder.File("b.onnx"),
            "--freeze", "conv1.*", "--epochs", "1", "--threads", "1");

        Assert.AreEqual(0, code, error);
        OnnxModel first = OnnxModel.Read(Model), second = OnnxModel.Read(_folder.File("b.onnx"));
        CollectionAssert.AreEqual(first.Graph.Initializer["conv1.weight"].Load().Bytes.ToArray(),
            second.Graph.Initializer["conv1.weight"].Load().Bytes.ToArray());
        CollectionAssert.AreNotEqual(first.Graph.Initializer["conv2.weight"].Load().Bytes.ToArray(),
            second.Graph.Initializer["conv2.weight"].Load().Bytes.ToArray());
        Assert.AreEqual(6, second.Card.Labels!.Length);
        CollectionAssert.AreEqual(first.Graph.Outputs.Select(o => o.Name).ToArray(), second.Graph.Outputs.Select(o => o.Name).ToArray());
    }

    [TestMethod]
    public void Evaluate_TrainedModel_SaysWhatTrainingSaid()
    {
        Draw();
        (_, string trained, _) = Trainer("train", "lenet", "--data", Data, "--out", Model, "--epochs", "2", "--threads", "1", "--json");
        JsonElement expected = JsonDocument.Parse(trained).RootElement;

        string figures = _folder.File("figures");
        (int code, string output, string error) = Trainer("evaluate", Model, "--data", Data, "--out", figures, "--json");

        Assert.AreEqual(0, code, error);
        CollectionAssert.AreEquivalent(new[] { "net.confusion.png", "net.mistakes.png" },
            Directory.GetFiles(figures).Select(Path.GetFileName).ToArray());
        JsonElement result = JsonDocument.Parse(output).RootElement;
        Assert.AreEqual(20, result.GetProperty("pictures").GetInt32());
        Assert.AreEqual(expected.GetProperty("test").GetProperty("accuracy").GetDouble(), result.GetProperty("accuracy").GetDouble(),
            1e-12);
        Assert.AreEqual(Compact(expected.GetProperty("confusion")), Compact(result.GetProperty("confusion")));

        (_, output, _) = Trainer("evaluate", Model, "--data", Data, "--part", "train");
        StringAssert.Contains(output, "on 80 train pictures");
        StringAssert.Contains(output, "class    precision  recall");

        // Names in the other order: the answers to each class are now those to the other.
        string names = _folder.File("names.json");
        File.WriteAllText(names, """["crosses", "circles"]""");
        (_, output, _) = Trainer("evaluate", Model, "--data", Data, "--labels", names, "--json");
        Assert.AreEqual(1 - result.GetProperty("accuracy").GetDouble(),
            JsonDocument.Parse(output).RootElement.GetProperty("accuracy").GetDouble(), 1e-12);
        (code, _, error) = Trainer("evaluate", Model, "--data", Data, "--labels", "coco");
        Assert.AreEqual(2, code);
        StringAssert.Contains(error, "80 class names were given, its outputs have 2");
    }

    // The referee is what others measured with these models and pictures in Python: 81 % and 63 % of 1000. The guess comes to the same.
    [TestMethod]
    [DataRow("resnet20_cifar10.onnx", "", 0.81)]
    [DataRow("winml_cifar10_ImageClassifier.onnx", "", 0.63)]
    [DataRow("resnet20_cifar10.onnx", "--preset imagenet --size 32 --resize stretch", 0.81)]
    [DataRow("winml_cifar10_ImageClassifier.onnx", "--mean 0.5,0.5,0.5 --std 0.5,0.5,0.5", 0.63)]
    public void Evaluate_RealModels_HaveTheAccuracyThatIsKnown(string model, string options, double expected)
    {
        string path = SharedData.Require("onnx-models", "classification", model), pictures = SharedData.Require("datasets", "cifar10-jpg");
        string[] words = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        (int code, string output, string error) =
            Trainer(["evaluate", path, "--data", pictures, "--json", "--threads", "1", .. words]);
        Assert.AreEqual(0, code, error);
        if (options.Length == 0)
            StringAssert.Contains(error, "input: guessed '");
        Assert.AreEqual(expected, JsonDocument.Parse(output).RootElement.GetProperty("accuracy").GetDouble(), 0.005);
    }

    [TestMethod]
    public void Train_FewerEpochsThanAreDone_IsRefused()
    {
        Draw();
        Assert.AreEqual(0, Trainer("train", "lenet", "--data", Data, "--out", Model, "--epochs", "2", "--threads", "1").Code);
        (int code, _, string error) = Trainer("train", "--resume", _folder.File("out"), "--epochs", "1");
        Assert.AreEqual(2, code);
        Assert.AreEqual($"error: --epochs is 1, but {_folder.File("out", "net.last.ckpt")} has 2 behind it; "
            + $"expected at least as many{Environment.NewLine}", error);
        (code, _, error) = Trainer("train", "--resume", _folder.File("out"), "--lr", "1");
        Assert.AreEqual(2, code);
        Assert.AreEqual($"error: --lr cannot change with --resume; the checkpoint has its own, "
            + $"only --epochs may be raised{Environment.NewLine}", error);
    }

    [TestMethod]
    public void Train_UnreadablePictures_AreNamedAndLeftOut()
    {
        Draw();
        File.WriteAllText(Path.Combine(Data, "train_data", "circles", "0003.png"), "no picture");
        (int code, _, string error) = Trainer("train", "lenet", "--data", Data, "--out", Model, "--epochs", "1", "--threads", "1");
        Assert.AreEqual(0, code, error);
        StringAssert.Contains(error, "left out: " + Path.Combine(Data, "train_data", "circles", "0003.png"));
        StringAssert.Contains(error, "71 pictures to train with, 20 to test with");
    }

    // Arguments, what the line says. DATA, MODEL and FOLDER stand for paths.
    [TestMethod]
    [DataRow("train lennet --data DATA --out MODEL", "'lennet' is no architecture and no ONNX file; expected one of lenet, xo,")]
    [DataRow("train lennet.onnx --data DATA --out MODEL", "lennet.onnx: does not exist")]
    [DataRow("train FOLDER/text.onnx --data DATA --out MODEL", "FOLDER/text.onnx: is not an ONNX model, or its file is damaged")]
    [DataRow("train lenet --data DATA --out MODEL --feature-cache FOLDER/f", "--feature-cache is 'FOLDER/f', but no features are computed")]
    [DataRow("evaluate n.onnx --data DATA --confidence 0.5", "--confidence is for detectors, and DATA says a class for each picture")]
    [DataRow("train lenet --data DATA", "--out FILE.onnx is missing")]
    [DataRow("train lenet --out MODEL", "--data DIR is missing")]
    [DataRow("train", "a network to train is missing")]
    [DataRow("train lenet --data FOLDER/nothing --out MODEL", "FOLDER/nothing: no such folder, expected a data set")]
    [DataRow("train lenet --data DATA/train_data/circles --out MODEL",
        "DATA/train_data/circles: has no class folder, expected at least two")]
    [DataRow("train lenet --data FOLDER/one --out MODEL", "FOLDER/one: has one class folder (a), expected at least two")]
    [DataRow("train lenet --data FOLDER/idx --out MODEL", "FOLDER/idx/train-images-idx3-ubyte.gz: ")]
    [DataRow("train lenet --data DATA --out FOLDER/one", "--out is 'FOLDER/one', expected a path that ends in .onnx")]
    [DataRow("train lenet --data DATA --out FOLDER/dir.onnx", "FOLDER/dir.onnx: is a folder, expected a place for a file")]
    [DataRow("train lenet --data DATA --out FOLDER/text.onnx/net.onnx", "FOLDER/text.onnx: is a file, expected a folder for the results")]
    [DataRow("train lenet --data DATA --out MODEL --size 9", "lenet: pictures of 9x9 are too small")]
    [DataRow("train lenet --data DATA --out MODEL --lr fast", "--lr is 'fast', expected a number above 0")]
    [DataRow("train lenet --data DATA --out MODEL --epochs 0", "--epochs is '0', expected a whole number from 1")]
    [DataRow("train lenet --data DATA --out MODEL --optimizer sdg", "--optimizer is 'sdg', expected one of adam, adamw, momentum, sgd")]
    [DataRow("train lenet --data DATA --out MODEL --freeze nothing*",
        "'nothing*' is no parameter's name, so nothing of it can be frozen; ")]
    [DataRow("train lenet --data DATA --out MODEL --validation 1", "--validation is '1', expected a number from 0 to below 1")]
    [DataRow("train lenet --data DATA --out MODEL --device cuda:7", "device 'cuda:7': ")]
    [DataRow("train lenet --data DATA --out MODEL --lr 1000", "lenet: the loss ")]
    [DataRow("train --resume FOLDER/one", "FOLDER/one: has no checkpoints named *.last.ckpt, expected one")]
    [DataRow("train --resume FOLDER/text.last.ckpt", "FOLDER/text.last.ckpt: is not a checkpoint, or it is damaged")]
    [DataRow("evaluate lenet --data DATA", "'lenet' is an architecture, which knows nothing yet; expected an ONNX file")]
    [DataRow("data xo DATA", "DATA: is not empty, expected a new folder for the pictures")]
    [DataRow("data fashion-mnist FOLDER/text.onnx", "FOLDER/text.onnx: is a file, expected a folder for the results")]
    [DataRow("data fashion-mnist FOLDER/f --mirror ftp://x", "--mirror is 'ftp://x', expected an address")]
    public void BadInput_IsOneLineAndExitCode2(string arguments, string expected)
    {
        Draw();
        File.WriteAllText(_folder.File("text.onnx"), "not a model");
        File.WriteAllText(_folder.File("text.last.ckpt"), "not a checkpoint");
        Directory.CreateDirectory(_folder.File("dir.onnx"));
        PictureFolders.Write(_folder.File("one"), ["a"], 2);
        IdxFiles.WriteSet(_folder.File("idx"));
        string cut = _folder.File("idx", "train-images-idx3-ubyte.gz");
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..40]);

        (int code, string output, string error) = Trainer([.. arguments.Split(' ').Select(WithPaths), "--quiet"]);

        Assert.AreEqual(2, code);
        Assert.AreEqual("", output);
        StringAssert.StartsWith(error, "error: " + WithPaths(expected));
        Assert.HasCount(1, error.TrimEnd().Split('\n'));

        string WithPaths(string text) => text.Replace("DATA", Data).Replace("MODEL", Model).Replace("FOLDER", _folder.Path);
    }

    [TestMethod]
    public void Help_EveryCommand_HasExamplesThatParse()
    {
        foreach (string command in new[] { "data", "train", "evaluate", "export" })
        {
            (int code, string output, _) = Trainer(command, "--help");
            Assert.AreEqual(0, code);
            string[] examples = [.. output.Split('\n').Select(l => l.Trim()).Where(l =>
                l.StartsWith("trainer ", StringComparison.Ordinal) && !l.Contains('<') && !l.Contains('['))];
            Assert.IsNotEmpty(examples, command);
            foreach (string example in examples)
                Assert.IsEmpty(TrainerCommandsForParsing().Parse(example["trainer ".Length..].Replace("'", "")).Errors, example);
        }
    }

    private static System.CommandLine.RootCommand TrainerCommandsForParsing()
    {
        System.CommandLine.RootCommand root = TrainerCommands.Root();
        foreach (System.CommandLine.Option option in CommonOptions.All)
            root.Options.Add(option);
        return root;
    }

    private static string Compact(JsonElement json) => string.Concat(json.GetRawText().Where(c => !char.IsWhiteSpace(c)));

    private void Draw() => DrawnSet.All.Single(s => s.Name == "xo").Draw(Data, 40, 10, 0, null, default);

    private static (int Code, string Output, string Error) Trainer(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = CommandHost.Run(TrainerCommands.Root(), arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
