using System.Text.Json;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Commands;

[TestClass]
public sealed class CardCommandTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Card_OfAModelWithOne_IsPrinted()
    {
        var run = ProgramRun.Visualizer("card", SmallNetworks.LeNet().SaveTo(_folder));
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.StartsWith(run.Output, "input      28x28 gray, stretch, 0..1 (model card)");
        StringAssert.Contains(run.Output, "(model card)");
    }

    [TestMethod]
    public void Card_OfAModelWithoutOne_SaysWhatIsGuessedAndWhy()
    {
        var run = ProgramRun.Visualizer("card", Plain());
        Assert.AreEqual((0, string.Join(Environment.NewLine,
            "input      32x32 rgb, stretch, 0..1 (guessed 'unit' because nothing in the file tells what it wants, and most networks take 0 "
                + "to 1)",
            "labels     none: --labels FILE names the classes",
            "stages     none: --stages NAME=TENSOR,… names them",
            "")), (run.ExitCode, run.Output));
    }

    [TestMethod]
    public void Card_WithOut_WritesTheCardAndNothingElse()
    {
        string model = Plain(), file = _folder.File("card.onnx"), names = _folder.File("names.txt");
        File.WriteAllText(names, "cat\ndog\n");
        byte[] before = File.ReadAllBytes(model);
        var run = ProgramRun.Visualizer("card", model, "--preset", "keras-tf", "--labels", names, "--stages", "stem=c,head=g", "--out",
            file);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, $"{file}: written with this card");
        CollectionAssert.AreEqual(before, File.ReadAllBytes(model));

        OnnxModel plain = OnnxModel.Read(model), written = OnnxModel.Read(file);
        Assert.AreEqual("32x32 rgb, crop, 0..1, mean [0.5, 0.5, 0.5], std [0.5, 0.5, 0.5]", written.Card.Input!.ToString());
        CollectionAssert.AreEqual(new[] { "cat", "dog" }, written.Card.Labels);
        Assert.AreEqual("stem=c head=g", string.Join(' ', written.Card.Stages!.Select(s => $"{s.Key}={s.Value}")));
        Assert.AreEqual("kept", written.Metadata["other"]);
        CollectionAssert.AreEqual(plain.Graph.Nodes.Select(n => n.ToString()).ToArray(),
            written.Graph.Nodes.Select(n => n.ToString()).ToArray());
        CollectionAssert.AreEqual(plain.Graph.Initializers.SelectMany(t => t.Load().Bytes.ToArray()).ToArray(),
            written.Graph.Initializers.SelectMany(t => t.Load().Bytes.ToArray()).ToArray());
    }

    [TestMethod]
    public void Card_OutOfTheSameName_ChangesTheFileInPlace()
    {
        string model = Plain();
        Assert.AreEqual(0, ProgramRun.Visualizer("card", model, "--preset", "raw255", "--out", model).ExitCode);
        Assert.AreEqual("32x32 rgb, stretch, 0..255", OnnxModel.Read(model).Card.Input!.ToString());
        // The card counts for the next: only what is said changes.
        Assert.AreEqual(0, ProgramRun.Visualizer("card", model, "--channels", "bgr", "--out", model).ExitCode);
        Assert.AreEqual("32x32 bgr, stretch, 0..255", OnnxModel.Read(model).Card.Input!.ToString());
        Assert.HasCount(1, Directory.GetFiles(_folder.Path));
    }

    [TestMethod]
    public void Card_Json_HasFields()
    {
        var run = ProgramRun.Visualizer("card", Plain(), "--json");
        using JsonDocument card = JsonDocument.Parse(run.Output);
        Assert.AreEqual("unit", card.RootElement.GetProperty("guess").GetProperty("preset").GetString());
        Assert.AreEqual(32, card.RootElement.GetProperty("input").GetProperty("size")[0].GetInt32());
        Assert.AreEqual(JsonValueKind.Null, card.RootElement.GetProperty("labels").ValueKind);
    }

    [TestMethod]
    [DataRow("--preset unit", "--out FILE is missing: options change the card of a file that is written; --out with the model's own name "
        + "changes it in place")]
    [DataRow("--labels coco --out X", "M: 80 class names were given, its outputs have 2 scores; expected as many names as scores")]
    [DataRow("--stages a=nothing --out X", "M: no node makes a tensor 'nothing' for stage 'a'; 'visualizer inspect' lists the tensors")]
    [DataRow("--stages a --out X", "--stages has 'a', expected NAME=TENSOR")]
    [DataRow("--size 16 --out X", "M: input 'x' takes [1, 3, 32, 32], the preprocessing makes [1, 3, 16, 16] (16x16 rgb, stretch, 0..1)")]
    [DataRow("--preset keras --out X", "'keras' is several presets: say keras-tf (MobileNet, Inception, Xception), keras-caffe "
        + "(ResNet, VGG) or keras-torch (DenseNet)")]
    public void Card_WhatDoesNotFit_IsRefusedAndNothingIsWritten(string options, string expected)
    {
        string model = Plain();
        string[] words = [.. options.Split(' ').Select(word => word == "X" ? _folder.File("x.onnx") : word)];
        var run = ProgramRun.Visualizer(["card", model, .. words]);
        Assert.AreEqual((2, "error: " + expected.Replace("M:", $"{model}:", StringComparison.Ordinal)), (run.ExitCode, run.LastError));
        Assert.HasCount(1, Directory.GetFiles(_folder.Path));
    }

    [TestMethod]
    public void Card_OpenSize_WantsOne()
    {
        string model = Plain(new Dimension(null, "H"), new Dimension(null, "W")), file = _folder.File("x.onnx");
        StringAssert.StartsWith(ProgramRun.Visualizer("card", model).Output, "input      none (of any size; guessed 'unit' because ");
        Assert.AreEqual($"error: {model}: input 'x' declares no size, and a card has one: say --size HxW",
            ProgramRun.Visualizer("card", model, "--out", file).LastError);
        Assert.AreEqual(0, ProgramRun.Visualizer("card", model, "--size", "48x64", "--out", file).ExitCode);
        Assert.AreEqual("48x64 rgb, stretch, 0..1", OnnxModel.Read(file).Card.Input!.ToString());
    }

    // A classifier of two classes, without a card.
    private string Plain(params Dimension[] sides)
    {
        (Dimension height, Dimension width) = sides is [var h, var w] ? (h, w) : (32, 32);
        var graph = new GraphBuilder("plain");
        string x = graph.Input("x", ElementType.Float, 1, 3, height, width);
        float[] values = [.. Enumerable.Range(0, 6).Select(i => i / 8f)];
        string weights = graph.Initializer("w", TensorData.FromArray(values, new TensorShape(2, 3, 1, 1)));
        string pooled = graph.Node("GlobalAveragePool", "g", [graph.Node("Conv", "c", [x, weights])]);
        graph.Output(graph.Node("Flatten", "y", [pooled]), ElementType.Float, 1, 2);
        OnnxModel model = graph.Build();
        model.Proto.MetadataProps.Add(new CnnOnnx.Onnx.Schema.StringStringEntryProto { Key = "other", Value = "kept" });
        string path = _folder.File("plain.onnx");
        model.Save(path);
        return path;
    }
}
