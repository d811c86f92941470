using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.Onnx;

[TestClass]
public sealed class ModelWriterTests
{
    [TestMethod]
    public void Save_OutlineOfALargeWeight_WritesTheWeightBack()
    {
        using var folder = new TemporaryFolder();
        float[] values = [.. Enumerable.Range(0, 100_000).Select(i => (float)i)];
        var graph = new GraphBuilder("large");
        string x = graph.Input("x", ElementType.Float, "N", 1000);
        string y = graph.Node("MatMul", "y", [x, graph.Initializer("w", TensorData.FromArray(values, new TensorShape(1000, 100)))]);
        graph.Output(y, ElementType.Float, "N", 100);
        ModelProto original = graph.Build().Proto;
        OnnxModel outline = OnnxModel.Read(original.Write(folder.File("a.onnx")));
        Assert.IsTrue(outline.Graph.Initializers[0].Proto.DataLocation == TensorProto.Types.DataLocation.External,
            "The weight was left in the file.");

        outline.Save(folder.File("b.onnx"));

        Assert.AreEqual(original, ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder.File("b.onnx"))));
    }

    [TestMethod]
    public void Save_NewWeightsAndCard_AreWhatIsReadBack()
    {
        using var folder = new TemporaryFolder();
        var model = new OnnxModel(SmallModels.ConvRelu(), "test");
        TensorData ones = TensorData.FromArray([1f, 1, 1, 1, 1, 1, 1, 1, 1], new TensorShape(1, 1, 3, 3));
        var card = new ModelCard
        {
            Labels = ["circle", "cross"],
            Input = new() { Size = new(4, 4), Channels = CnnOnnx.Imaging.ChannelOrder.Gray },
        };

        model.Save(folder.File("m.onnx"), _ => ones.Bytes, card);

        OnnxModel read = OnnxModel.Read(folder.File("m.onnx"));
        CollectionAssert.AreEqual(ones.Bytes.ToArray(), read.Graph.Initializers[0].Load().Bytes.ToArray());
        CollectionAssert.AreEqual(card.Labels, read.Card.Labels);
        Assert.AreEqual("4x4 gray, stretch, 0..1", read.Card.Input!.ToString());
        Assert.AreEqual(
            "{\"size\":[4,4],\"channels\":\"gray\",\"resize\":\"stretch\",\"range\":1,\"mean\":[],\"std\":[]}",
            read.Metadata["cnnonnx.input"]);
    }

    [TestMethod]
    public void Save_WhereWritingFails_LeavesTheOldFileAndNoOther()
    {
        using var folder = new TemporaryFolder();
        var model = new OnnxModel(SmallModels.ConvRelu(), "test");
        string path = folder.File("m.onnx");
        File.WriteAllText(path, "old");

        Assert.ThrowsExactly<ArgumentException>(() => model.Save(path, _ => new byte[5]));

        Assert.AreEqual("old", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
    }
}
