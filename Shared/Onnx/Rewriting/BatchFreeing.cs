using System.Runtime.InteropServices;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>
/// Takes the size of the batch out of shapes that an exporter has folded into constants, so that the model runs with any batch:
/// Reshape [1, -1] becomes [0, -1], and sizes of Resize and Expand get their first number from the input.
/// </summary>
internal static class BatchFreeing
{
    /// <param name="model">A model that runs with its own batch only; stays as it is.</param>
    /// <param name="input">The input whose first axis is the batch.</param>
    /// <param name="batch">The size of that axis that is folded in.</param>
    /// <param name="shapes">Shapes of all tensors in a run with that batch.</param>
    /// <returns>The rewritten model. Whether it computes the same has to be tried: a shape may not say which axis is the batch.</returns>
    public static OnnxModel WithFreeBatch(this OnnxModel model, string input, int batch, IReadOnlyDictionary<string, TensorShape> shapes)
    {
        OnnxGraph graph = model.Graph;
        // What follows from constants alone has no batch.
        HashSet<string> varying = [input];
        foreach (OnnxNode node in graph.Nodes)
            if (NodeOrder.UsedNames(node).Any(varying.Contains))
                varying.UnionWith(node.Outputs.Where(o => o.Length > 0));

        return model.Changed(copy =>
        {
            // What reads only the input stands in front of all that reads it.
            var front = new List<NodeProto>();
            foreach (OnnxNode node in graph.Nodes.Where(n => n.Domain.Length == 0))
            {
                NodeProto proto = copy.Graph.Node.First(n => n.Output.Count > 0 && n.Output.SequenceEqual(node.Outputs));
                if (node.OpType == "Reshape" && varying.Contains(node.Inputs[0]) && Constant(graph, node, 1) is { } shape
                    && Freed(node, shape, batch, shapes) is { } freed)
                    proto.Input[1] = Add(copy.Graph, $"{node.Outputs[0]}/shape", freed);
                else if (node.OpType == "Resize" && !node.HasAttribute("axes") && node.HasInput(3)
                    && Constant(graph, node, 3) is [var first, ..] sizes && first == batch)
                    proto.Input[3] = FromInput(copy.Graph, front, input, $"{node.Outputs[0]}/sizes", sizes);
                else if (node.OpType == "Expand" && Constant(graph, node, 1) is [var axis, _, _, ..] wide && axis == batch)
                    proto.Input[1] = FromInput(copy.Graph, front, input, $"{node.Outputs[0]}/shape", wide);
            }

            NodeProto[] others = [.. copy.Graph.Node];
            copy.Graph.Node.Clear();
            copy.Graph.Node.AddRange([.. front, .. others]);
        });
    }

    /// <summary>The shape of a Reshape without the size of the batch; null when it has none to take out.</summary>
    private static long[]? Freed(OnnxNode node, long[] shape, int batch, IReadOnlyDictionary<string, TensorShape> shapes)
    {
        if (!shapes.TryGetValue(node.Inputs[0], out TensorShape from) || !shapes.TryGetValue(node.Outputs[0], out TensorShape to)
            || to.Rank == 0 || shape[0] == -1 || to[0] % batch != 0)
            return null;
        bool copies = node.Int("allowzero", 0) == 0;
        if (shape[0] == 0 && copies)
            return null;
        return copies && from.Rank > 0 && from[0] == batch && to[0] == batch
            ? [0, .. shape.Skip(1)]
            : [-1, .. to.Dims.Skip(1)];
    }

    private static long[]? Constant(OnnxGraph graph, OnnxNode node, int index)
    {
        OnnxTensor? tensor = graph.Initializer.GetValueOrDefault(node.Inputs[index])
            ?? (graph.Producer(node.Inputs[index]) is { OpType: "Constant" } constant ? constant.Tensor("value") : null);
        return tensor is { ElementType: ElementType.Int64, Shape.Count: > 0 }
            ? MemoryMarshal.Cast<byte, long>(tensor.Load().Bytes.Span).ToArray()
            : null;
    }

    private static string Add(GraphProto graph, string name, long[] values)
    {
        graph.Initializer.Add(new TensorProto
        {
            Name = name,
            DataType = (int)ElementType.Int64,
            Dims = { values.Length },
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
        });
        return name;
    }

    // [Shape(input)[0], sizes[1], sizes[2] …]
    private static string FromInput(GraphProto graph, List<NodeProto> front, string input, string name, long[] sizes)
    {
        (string shape, string first, string rest) = ($"{name}/input", $"{name}/batch", Add(graph, $"{name}/rest", sizes[1..]));
        front.Add(new NodeProto { OpType = "Shape", Name = shape, Input = { input }, Output = { shape } });
        front.Add(new NodeProto
        {
            OpType = "Gather",
            Name = first,
            Input = { shape, Add(graph, $"{name}/axis", [0]) },
            Output = { first },
        });
        front.Add(new NodeProto
        {
            OpType = "Concat",
            Name = name,
            Input = { first, rest },
            Output = { name },
            Attribute = { new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 0 } },
        });
        return name;
    }
}
