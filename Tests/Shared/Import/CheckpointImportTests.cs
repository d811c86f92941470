using CnnOnnx.Formats;
using CnnOnnx.Import;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Import;

/// <summary>Real checkpoints onto graphs that were exported from their networks: the graph's own outputs come again.</summary>
[TestClass]
public sealed class CheckpointImportTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    // Graph, checkpoint, what the remarks begin with. Where BatchNormalization is folded the names of the layers are gone.
    [TestMethod]
    [DataRow("classification/fashion_mnist_cnn", "fashion_mnist_simple_cnn.pth", "10 of 10 tensors")]
    [DataRow("detection/FastestDet", "FastestDet_AP05_0.253207.pth", "350 of 420 tensors")]
    [DataRow("detection/ultraface_version-RFB-320", "ultraface_version-RFB-320.pth", "244 of 244 tensors")]
    [DataRow("detection/ultraface_version-RFB-320_simplified", "ultraface_version-RFB-320.pth", "209 of 244 tensors")]
    [DataRow("detection/ultraface_version-slim-320", "ultraface_version-slim-320.pth", "184 of 184 tensors")]
    [DataRow("detection/yunet_n_320_320", "yunet_n.pth", "190 of 208 tensors")]
    public void Onto_GraphOfTheCheckpoint_GivesItsOutputs(string graph, string checkpoint, string remark)
    {
        string path = SharedData.Require(["onnx-models", .. (graph + ".onnx").Split('/')]), made = _folder.File("made.onnx");
        using WeightFile weights = WeightFile.Open(SharedData.Require("pytorch-weights", checkpoint));
        using (WeightedModel model = CheckpointImport.Onto(OnnxModel.Read(path), weights))
        {
            Assert.IsTrue(model.Remarks.Any(r => r.StartsWith(remark, StringComparison.Ordinal)), string.Join(" | ", model.Remarks));
            model.Save(made);
        }

        Dictionary<string, float[]> expected = Outputs(path), actual = Outputs(made);
        Assert.IsNotEmpty(expected);
        foreach ((string name, float[] values) in expected)
        {
            float magnitude = Math.Max(1, values.Max(Math.Abs));
            Assert.IsLessThan(1e-4f * magnitude, values.Zip(actual[name], (a, b) => Math.Abs(a - b)).Max(), name);
        }
    }

    private static Dictionary<string, float[]> Outputs(string path)
    {
        var model = OnnxModel.Read(path);
        string[] outputs = [.. model.Graph.Outputs.Select(o => o.Name)];
        var shape = new TensorShape([.. model.Graph.Inputs[0].Shape!.Value.Select(d => d.Size ?? 1)]);
        var random = new Random(3);
        float[] noise = [.. Enumerable.Range(0, (int)shape.Count).Select(_ => (float)random.NextDouble())];
        using var session = ActivationSession.Open(model, new() { Tensors = outputs, Optimization = OptimizationLevel.Disabled });
        using Activations seen = session.Run(TensorData.FromArray(noise, shape));
        return seen.ToDictionary(a => a.Name, a => a.Values.ToArray());
    }
}
