using System.Runtime.InteropServices;
using CnnOnnx.Onnx.Schema;

namespace CnnOnnx.Onnx;

/// <summary>
/// The layer of a graph that makes the class scores: the last one with weights, with nothing behind it but what keeps
/// classes apart (a softmax, pooling over the map, a change of shape).
/// </summary>
/// <param name="Node">Gemm, MatMul or Conv.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Bias">What is added for each class; null for none.</param>
/// <param name="ClassAxis">Axis of the weight that counts the classes.</param>
/// <param name="Logits">The tensor that holds the scores before any softmax.</param>
/// <param name="Behind">Nodes between the layer and the output.</param>
internal sealed record ClassifierHead(OnnxNode Node, OnnxTensor Weight, OnnxTensor? Bias, int ClassAxis, string Logits, IReadOnlyList<OnnxNode> Behind)
{
    public long Classes => Weight.Shape[ClassAxis];

    /// <summary>Walks back from the first output.</summary>
    /// <exception cref="OnnxException">Something else comes first.</exception>
    public static ClassifierHead Find(OnnxModel model)
    {
        OnnxGraph graph = model.Graph;
        string tensor = graph.Outputs[0].Name, logits = LogitsOf(model);
        var behind = new List<OnnxNode>();
        OnnxTensor? bias = null;
        while (true)
        {
            OnnxNode node = graph.Producer(tensor) ?? throw new OnnxException(model.Source, $"no layer with weights makes '{logits}', so there is no classifier to train");
            OnnxTensor? weight = node.Inputs.Length > 1 ? graph.Initializer.GetValueOrDefault(node.Inputs[1]) : null;
            OnnxTensor? ownBias = node.HasInput(2) ? graph.Initializer.GetValueOrDefault(node.Inputs[2]) : bias;
            switch (node.OpType)
            {
                case "Gemm" when weight is not null && (!node.HasInput(2) || ownBias is not null):
                    return new ClassifierHead(node, weight, ownBias, node.Int("transB", 0) != 0 ? 0 : 1, logits, behind);
                case "Conv" when weight is not null && (!node.HasInput(2) || ownBias is not null) && node.Int("group", 1) == 1:
                    return new ClassifierHead(node, weight, ownBias, 0, logits, behind);
                case "MatMul" when weight is { Shape.Rank: 2 }:
                    return new ClassifierHead(node, weight, bias, 1, logits, behind);
                case "Add" when bias is null && node.Inputs.Select(graph.Initializer.GetValueOrDefault).OfType<OnnxTensor>().FirstOrDefault() is { } added:
                    bias = added;
                    tensor = node.Inputs.First(name => name != added.Name);
                    break;
                case var op when OperatorFacts.Of(op).OnClasses != EffectOnClasses.Mixes:
                    behind.Add(node);
                    tensor = node.Inputs[0];
                    break;
                default:
                    throw node.Error("stands where the classifier is expected: Gemm, MatMul or Conv with weights of its own, and behind it at most a softmax, a pool or a change of shape");
            }
        }
    }

    /// <summary>The class scores of a model before any softmax; its first output where there is none.</summary>
    public static string LogitsOf(OnnxModel model)
    {
        string tensor = model.Graph.Outputs[0].Name;
        for (OnnxNode? node = model.Graph.Producer(tensor); node is not null; node = model.Graph.Producer(node.Inputs[0]))
        {
            EffectOnClasses effect = OperatorFacts.Of(node).OnClasses;
            if (effect == EffectOnClasses.Normalizes)
                return node.Inputs[0];
            if (effect == EffectOnClasses.Mixes)
                break;
        }

        return tensor;
    }

    /// <summary>The model with another number of classes; the layer's new weights have no values yet.</summary>
    /// <param name="model">The model that the head was found in; it stays as it is.</param>
    /// <param name="classes">How many, from 1.</param>
    public OnnxModel Resized(OnnxModel model, int classes) => model.Changed(copy =>
    {
        foreach (OnnxTensor tensor in new[] { Weight, Bias }.OfType<OnnxTensor>())
        {
            TensorProto proto = copy.Graph.Initializer.First(t => t.Name == tensor.Name);
            int axis = tensor == Weight ? ClassAxis : tensor.Shape.Dims.IndexOf(Classes);
            long[] dims = [.. proto.Dims];
            dims[axis] = classes;
            copy.Graph.Initializer[copy.Graph.Initializer.IndexOf(proto)] = new TensorProto { Name = proto.Name, DataType = proto.DataType, Dims = { dims } };
        }

        foreach (TensorProto shape in copy.Graph.Initializer.Where(t => Behind.Any(n => n.OpType == "Reshape" && n.Inputs[1] == t.Name)).ToArray())
            Replace(shape, Classes, classes);
    });

    // The shape of a Reshape behind the layer may name the number of classes.
    private static void Replace(TensorProto shape, long old, long value)
    {
        long[] sizes = MemoryMarshal.Cast<byte, long>(new OnnxTensor(shape, "shape").Load().Bytes.Span).ToArray();
        shape.ClearRawData();
        shape.Int64Data.Clear();
        shape.Int64Data.AddRange(sizes.Select(size => size == old ? value : size));
    }
}
