using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Onnx;
using CnnOnnx.Tests.Support;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Tests.Commands;

[TestClass]
public sealed class VisualizerExposeTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Expose_LeNet_MakesEveryTensorATypedOutput()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        var run = ProgramRun.Visualizer("expose", model, "--out", _folder.File("all.onnx"));
        Assert.AreEqual((0, $"{_folder.File("all.onnx")}: 12 outputs, 11 of them added{Environment.NewLine}"), (run.ExitCode, run.Output));

        OnnxModel plain = OnnxModel.Read(model), exposed = OnnxModel.Read(_folder.File("all.onnx"));
        CollectionAssert.AreEquivalent(plain.Graph.NodeOutputs.ToArray(), exposed.Graph.Outputs.Select(o => o.Name).ToArray());
        Assert.AreEqual("logits: float32[N, 10] | conv1: float32[N, 6, 28, 28] | relu_conv1: float32[N, 6, 28, 28] | "
            + "pool1: float32[N, 6, 14, 14]",
            string.Join(" | ", exposed.Graph.Outputs.Take(4)));
        Assert.AreEqual(plain.Card.Labels!.Length, exposed.Card.Labels!.Length);
        using var session = new InferenceSession(_folder.File("all.onnx"));
        Assert.HasCount(12, session.OutputMetadata);
    }

    [TestMethod]
    public void Expose_Selection_AddsOnlyThat()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        ProgramRun.Visualizer("expose", model, "--out", _folder.File("some.onnx"), "--stages");
        Assert.AreEqual("logits relu_conv1 relu_conv2",
            string.Join(' ', OnnxModel.Read(_folder.File("some.onnx")).Graph.Outputs.Select(o => o.Name)));
    }

    [TestMethod]
    public void Expose_UnknownFields_Survive()
    {
        string path = _folder.File("m.onnx");
        // Field 1000 of the model and of nothing else: a string that no schema knows.
        byte[] unknown = [0xc2, 0x3e, 5, .. "hello"u8];
        File.WriteAllBytes(path, [.. SmallModels.ConvRelu().ToByteArray(), .. unknown]);
        ProgramRun.Visualizer("expose", path, "--out", _folder.File("e.onnx"));
        byte[] written = File.ReadAllBytes(_folder.File("e.onnx"));
        Assert.IsTrue(written.AsSpan().EndsWith(unknown));
        Assert.AreEqual("y c", string.Join(' ', OnnxModel.Read(_folder.File("e.onnx")).Graph.Outputs.Select(o => o.Name)));
    }

    [TestMethod]
    public void Expose_WeightsBeside_ComeAlong()
    {
        ModelProto model = SmallModels.ConvRelu();
        TensorProto weight = model.Graph.Initializer[0];
        Directory.CreateDirectory(_folder.File("data"));
        File.WriteAllBytes(_folder.File("data", "w.bin"), weight.RawData.ToByteArray());
        weight.ClearRawData();
        weight.MergeFrom(ModelOutline.Reference("data/w.bin", 0, 36));
        string path = model.Write(_folder.File("m.onnx")), there = _folder.File("there", "e.onnx");

        var run = ProgramRun.Visualizer("expose", path, "--out", there);
        Assert.AreEqual((0, "copied the weights data/w.bin beside it"), (run.ExitCode, run.LastError));
        using (var session = ActivationSession.Open(there))
        using (Activations seen = session.Run(TensorData.FromArray([.. Enumerable.Repeat(1f, 16)], new TensorShape(1, 1, 4, 4))))
            Assert.AreEqual(45f, seen["c"].Values[0]);

        // Once more: the same weights are there already. In the model's own folder nothing is copied.
        Assert.AreEqual((0, ""), (ProgramRun.Visualizer("expose", path, "--out", there).ExitCode,
            ProgramRun.Visualizer("expose", path, "--out", _folder.File("e.onnx")).Error));
        File.WriteAllBytes(_folder.File("there", "data", "w.bin"), new byte[36]);
        var refused = ProgramRun.Visualizer("expose", path, "--out", there);
        Assert.AreEqual((2, $"error: {_folder.File("there", "data", "w.bin")}: is there already and differs from the weights of {path}; "
            + "choose another folder"),
            (refused.ExitCode, refused.LastError));
    }

    [TestMethod]
    public void Expose_OntoItself_IsRefused()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder);
        var run = ProgramRun.Visualizer("expose", model, "--out", model);
        Assert.AreEqual((2, $"error: {model}: is the model itself, expected another file"), (run.ExitCode, run.LastError));
    }

    [TestMethod]
    public void Expose_EveryRealModel_HasAllTensorsAsOutputs()
    {
        foreach (string path in Directory.EnumerateFiles(SharedData.Require("onnx-models"), "*.onnx", SearchOption.AllDirectories))
        {
            if (path.Contains("negative", StringComparison.Ordinal))
                continue;
            var run = ProgramRun.Visualizer("expose", path, "--out", _folder.File("e.onnx"));
            Assert.AreEqual(0, run.ExitCode, run.Error);
            OnnxModel plain = OnnxModel.Read(path), exposed = OnnxModel.Read(_folder.File("e.onnx"));
            string[] made = [.. plain.Graph.NodeOutputs], outputs = [.. exposed.Graph.Outputs.Select(o => o.Name)];
            Assert.HasCount(made.Length, outputs, path);
            Assert.IsTrue(outputs.AsSpan().StartsWith([.. plain.Graph.Outputs.Select(o => o.Name)]), path);
            // onnx.checker asks for a type and a shape of everything that is a tensor.
            Assert.IsTrue(exposed.Graph.Outputs.All(o =>
                o.Kind == OnnxValueKind.Sequence || (o.ElementType != ElementType.Undefined && o.Shape is not null)), path);
        }
    }
}
