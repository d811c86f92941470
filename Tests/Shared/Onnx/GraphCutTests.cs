using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Tests.Onnx;

/// <summary>ONNX Runtime runs the cut model and the whole model; the tensors have to be the same to the bit.</summary>
[TestClass]
public sealed class GraphCutTests
{
    [TestMethod]
    [DataRow("classification/fashion_mnist_cnn.onnx", 4)]
    [DataRow("classification/squeezenet_customvision_tensor_input.onnx", 20)]
    [DataRow("detection/yunet_n_320_320.onnx", 60)]
    public void Apply_OneTensor_RunsToTheSameNumbers(string file, int index)
    {
        string path = SharedData.Require(["onnx-models", .. file.Split('/')]);
        OnnxModel model = OnnxModel.Read(path);
        string tensor = model.Graph.NodeOutputs.ElementAt(index);

        byte[] cut = GraphCut.Apply(model, [tensor]);
        byte[] exposed = GraphExposure.Apply(File.ReadAllBytes(path), [new OnnxValue { Name = tensor }]);

        Assert.IsLessThan(new FileInfo(path).Length / 2, cut.Length, "The weights stay in the file.");
        CollectionAssert.AreEqual(Run(exposed, path, tensor), Run(cut, path, tensor));
    }

    /// <summary>Before IR version 4 weights are inputs, too. One that the cut does not need must not be asked for.</summary>
    [TestMethod]
    public void Apply_WeightsListedAsInputs_LeavesThoseOutThatAreNotNeeded()
    {
        ModelProto proto = SmallModels.ConvRelu();
        var model = new OnnxModel(proto.Clone(), "m");
        proto.IrVersion = 3;
        proto.Graph.Input.AddRange(model.Graph.Initializers.Select(t => new OnnxValue
        {
            Name = t.Name,
            Kind = OnnxValueKind.Tensor,
            ElementType = t.ElementType,
            Shape = [.. t.Shape.Dims.Select(d => (Dimension)d)],
        }.ToProto()));
        proto.Graph.Node.Insert(0, new NodeProto { OpType = "Neg", Input = { "x" }, Output = { "early" } });
        using var folder = new TemporaryFolder();
        string path = proto.Write(folder.File("m.onnx"));

        float[] early = Run(GraphCut.Apply(OnnxModel.Read(path), ["early"]), path, "early");

        Assert.IsTrue(early.All(v => v <= 0));
    }

    private static float[] Run(byte[] bytes, string path, string tensor)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", Path.GetDirectoryName(path)!);
        using var session = new InferenceSession(bytes, options);
        string input = session.InputNames[0];
        long[] shape = [.. session.InputMetadata[input].Dimensions.Select(d => d < 0 ? 1L : d)];
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => random.NextSingle())];
        using OrtValue given = OrtValue.CreateTensorValueFromMemory(values, shape);
        using var run = new RunOptions();
        using var results = session.Run(run, [input], [given], [tensor]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
