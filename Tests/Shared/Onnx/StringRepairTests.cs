using System.Text;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using Google.Protobuf;

namespace CnnOnnx.Tests.Onnx;

/// <summary>Strings in the encoding of somebody's system, where protobuf demands UTF-8.</summary>
[TestClass]
public sealed class StringRepairTests
{
    // "größe" in Latin-1; the placeholder has as many bytes.
    private const string Placeholder = "gr__e";
    private static readonly byte[] Latin1 = Encoding.Latin1.GetBytes("größe");

    [TestMethod]
    [DataRow("model doc")]
    [DataRow("graph doc")]
    [DataRow("node doc")]
    [DataRow("initializer doc")]
    [DataRow("input doc")]
    [DataRow("attribute doc")]
    [DataRow("producer")]
    [DataRow("metadata")]
    [DataRow("node name")]
    public void Read_StringThatIsNotUtf8_DoesNotMatter(string place)
    {
        OnnxModel model = Read(proto => Put(proto, place));
        Assert.HasCount(2, model.Graph.Nodes);
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, model.Graph.Initializers[0].Load().ToFloats());
    }

    [TestMethod]
    public void Read_TensorNames_StayDifferent()
    {
        OnnxModel model = Read(proto =>
        {
            proto.Graph.Node[0].Output[0] = Placeholder;
            proto.Graph.Node[1].Input[0] = Placeholder;
        });
        Assert.AreEqual("größe", model.Graph.Nodes[0].Outputs[0]);
    }

    [TestMethod]
    public void Read_StringThatIsUtf8_StaysAsItIs()
    {
        ModelProto proto = SmallModels.ConvRelu();
        proto.DocString = "кот 猫";
        Assert.AreEqual("кот 猫", ModelProto.Parser.ParseFrom(StringRepair.Apply(proto.ToByteArray())).DocString);
        Assert.AreEqual(proto, ModelProto.Parser.ParseFrom(StringRepair.Apply(proto.ToByteArray())));
    }

    [TestMethod]
    public void Read_Case_HasItsNodes() =>
        Assert.AreNotEqual(0, OnnxModel.Read(SharedData.RequireCase("doc-string-not-utf8.onnx")).Graph.Nodes.Length);

    private static OnnxModel Read(Action<ModelProto> change)
    {
        ModelProto proto = SmallModels.ConvRelu();
        change(proto);
        byte[] bytes = proto.ToByteArray(), placeholder = Encoding.ASCII.GetBytes(Placeholder);
        int found = 0;
        for (int at; (at = bytes.AsSpan().IndexOf(placeholder)) >= 0; found++)
            Latin1.CopyTo(bytes, at);
        Assert.AreNotEqual(0, found);
        using var folder = new TemporaryFolder();
        string path = folder.File("net.onnx");
        File.WriteAllBytes(path, bytes);
        return OnnxModel.Read(path);
    }

    private static void Put(ModelProto proto, string place)
    {
        GraphProto graph = proto.Graph;
        switch (place)
        {
            case "model doc": proto.DocString = Placeholder; break;
            case "graph doc": graph.DocString = Placeholder; break;
            case "node doc": graph.Node[0].DocString = Placeholder; break;
            case "initializer doc": graph.Initializer[0].DocString = Placeholder; break;
            case "input doc": graph.Input[0].DocString = Placeholder; break;
            case "attribute doc":
                graph.Node[0].Attribute.Add(new AttributeProto
                {
                    Name = "group",
                    Type = AttributeProto.Types.AttributeType.Int,
                    I = 1,
                    DocString = Placeholder,
                });
                break;
            case "producer": proto.ProducerName = Placeholder; break;
            case "metadata": proto.MetadataProps.Add(new StringStringEntryProto { Key = Placeholder, Value = Placeholder }); break;
            case "node name": graph.Node[0].Name = Placeholder; break;
            default: throw new ArgumentException(place);
        }
    }
}
