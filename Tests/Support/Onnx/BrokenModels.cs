using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using Google.Protobuf;

namespace CnnOnnx.Tests.Onnx;

/// <summary>A small model with one thing wrong that can be seen without running it.</summary>
internal static class BrokenModels
{
    private static readonly Dictionary<string, Action<ModelProto, GraphProto, TensorProto>> Faults = new()
    {
        ["cycle"] = (_, graph, _) => graph.Node[0].Input[0] = "y",
        ["missing initializer"] = (_, graph, _) => graph.Initializer.Clear(),
        ["duplicate output"] = (_, graph, _) => graph.Node[1].Output[0] = "c",
        ["duplicate initializer"] = (_, graph, weight) => graph.Initializer.Add(weight.Clone()),
        ["duplicate input"] = (_, graph, _) => graph.Input.Add(graph.Input[0].Clone()),
        ["output of nothing"] = (_, graph, _) => graph.Output[0].Name = "z",
        ["no opset"] = (model, _, _) => model.OpsetImport.Clear(),
        ["no graph"] = (model, _, _) => model.Graph = null,
        ["unknown type"] = (_, _, weight) => weight.DataType = 99,
        ["too few bytes"] = (_, _, weight) => weight.RawData = ByteString.CopyFrom(new byte[35]),
        ["negative dimension"] = (_, _, weight) => weight.Dims[2] = -3,
        ["overflowing dimensions"] = (_, _, weight) => (weight.Dims[0], weight.Dims[1]) = (long.MaxValue, 4),
        ["huge dimensions"] = (_, _, weight) =>
            (weight.Dims[0], weight.Dims[1], weight.Dims[2], weight.Dims[3]) = (1L << 20, 1L << 20, 1, 1),
    };

    public static IEnumerable<string> Names => Faults.Keys;

    public static ModelProto Make(string fault)
    {
        ModelProto model = SmallModels.ConvRelu();
        Faults[fault](model, model.Graph, model.Graph.Initializer[0]);
        return model;
    }

    /// <summary>A sound model whose weights are to be read from another file.</summary>
    public static ModelProto WithExternal(string location, long offset, long length)
    {
        ModelProto model = SmallModels.ConvRelu();
        TensorProto weight = model.Graph.Initializer[0];
        weight.ClearRawData();
        weight.MergeFrom(ModelOutline.Reference(location, offset, length));
        return model;
    }
}
