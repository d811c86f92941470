using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using Google.Protobuf;

namespace CnnOnnx.Tests.Onnx;

[TestClass]
public sealed class GraphExposureTests
{
    [TestMethod]
    public void Apply_HiddenTensors_AddsThemBehindTheOriginalOutputs()
    {
        ModelProto proto = SmallModels.ConvRelu();
        string[] hidden = [.. GraphExposure.Hidden(new OnnxModel(proto, "test").Graph)];

        var exposed = ModelProto.Parser.ParseFrom(GraphExposure.Apply(proto.ToByteArray(), hidden.Select(h => new OnnxValue { Name = h })));

        CollectionAssert.AreEqual(new[] { "y", "c" }, exposed.Graph.Output.Select(o => o.Name).ToArray());
    }

    [TestMethod]
    public void Apply_UnknownFieldsAndMergedGraphs_KeepsEveryByte()
    {
        // Field 9999 of the model and of the graph: what a later version of the format may write.
        byte[] unknown = [0xFA, 0xF0, 0x04, 2, 7, 8];
        byte[] model = [.. SmallModels.ConvRelu().ToByteArray(), .. ProtoHeader.Of(ModelProto.GraphFieldNumber, unknown.Length),
            .. unknown, .. unknown];

        byte[] exposed = GraphExposure.Apply(model, [new OnnxValue { Name = "c" }]);

        var expected = ModelProto.Parser.ParseFrom(model);
        expected.Graph.Output.Add(new ValueInfoProto { Name = "c" });
        Assert.AreEqual(expected, ModelProto.Parser.ParseFrom(exposed));
    }
}
