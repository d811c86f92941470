using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using Google.Protobuf;

namespace CnnOnnx.Tests.Onnx;

/// <summary>Models of a few nodes, as protobuf messages that a test may break before it writes them.</summary>
internal static class SmallModels
{
    /// <summary>x [1, 1, 4, 4] → Conv (weights 1..9) → Relu → y.</summary>
    public static ModelProto ConvRelu()
    {
        var graph = new GraphBuilder("small");
        string x = graph.Input("x", ElementType.Float, 1, 1, 4, 4);
        string w = graph.Initializer("w", TensorData.FromArray([1f, 2, 3, 4, 5, 6, 7, 8, 9], new TensorShape(1, 1, 3, 3)));
        string c = graph.Node("Conv", "c", [x, w]);
        string y = graph.Node("Relu", "y", [c]);
        graph.Output(y, ElementType.Float, 1, 1, 2, 2);
        return graph.Build().Proto;
    }

    /// <summary>A chain of Identity nodes.</summary>
    public static ModelProto Chain(int length)
    {
        ModelProto model = ConvRelu();
        model.Graph.Node.Clear();
        for (int i = 0; i < length; i++)
        {
            var node = new NodeProto { OpType = "Identity" };
            node.Input.Add(i == 0 ? "x" : $"t{i - 1}");
            node.Output.Add(i == length - 1 ? "y" : $"t{i}");
            model.Graph.Node.Add(node);
        }

        return model;
    }

    /// <summary>
    /// If nodes whose branches hold If nodes, so many levels deep, as bytes: a library that nests messages would not write it.
    /// </summary>
    public static byte[] Nested(int depth)
    {
        byte[] body = [];
        for (int level = 0; level < depth; level++)
        {
            byte[] attribute = [.. Field(1, "then_branch"u8), .. Field(6, body), 0xA0, 0x01, 5];
            byte[] node = [.. Field(1, "x"u8), .. Field(2, System.Text.Encoding.ASCII.GetBytes($"n{level}")), .. Field(4, "If"u8),
                .. Field(5, attribute)];
            body = Field(1, node);
        }

        ModelProto around = ConvRelu();
        around.Graph = null;
        return [.. around.ToByteArray(), .. Field(7, body)];
    }

    public static string Write(this ModelProto model, string path)
    {
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> content) => [.. ProtoHeader.Of(number, content.Length), .. content];
}
