using System.Runtime.InteropServices;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// The layer of a graph that makes the class scores: the last one with weights, with nothing behind it but what keeps
/// classes apart (a softmax, pooling over the map, a change of shape).
/// </summary>
/// <param name="Node">Gemm, MatMul or Conv.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Biases">Operands added for each class, the layer's own first.</param>
/// <param name="ClassAxis">Axis of the weight that counts the classes.</param>
/// <param name="Logits">The tensor that holds the scores before any softmax.</param>
/// <param name="Behind">Nodes between the layer and the output.</param>
internal sealed record ClassifierHead(
    OnnxNode Node, HeadOperand Weight, IReadOnlyList<HeadOperand> Biases, int ClassAxis, string Logits, IReadOnlyList<OnnxNode> Behind)
{
    /// <summary>Number of classes.</summary>
    public long Classes => Weight.Shape[ClassAxis];

    /// <summary>The operand added for each class; null for none.</summary>
    public HeadOperand? Bias => Biases.FirstOrDefault();

    /// <summary>
    /// Finds the head by walking back from the first output. The weights may stand behind other nodes, as exporters put them.
    /// </summary>
    /// <exception cref="OnnxException">Something else comes first.</exception>
    public static ClassifierHead Find(OnnxModel model)
    {
        OnnxGraph graph = model.Graph;
        string tensor = graph.Outputs[0].Name, logits = LogitsOf(model);
        var behind = new List<OnnxNode>();
        var added = new List<HeadOperand>();
        while (true)
        {
            OnnxNode node = graph.Producer(tensor)
                ?? throw new OnnxException(model.Source, $"no layer with weights makes '{logits}', so there is no classifier to train");
            HeadOperand? weight = HeadOperand.Of(graph, node, 1), bias = HeadOperand.Of(graph, node, 2);
            bool hasWeights = weight is { Shape.Rank: >= 2 } && (!node.HasInput(2) || bias is not null);
            HeadOperand[] biases = [.. new[] { bias }.OfType<HeadOperand>(), .. added];
            switch (node.OpType)
            {
                case "Gemm" when hasWeights:
                    return new ClassifierHead(node, weight!, biases, node.Int("transB", 0) != 0 ? 0 : 1, logits, behind);
                case "Conv" when hasWeights && node.Int("group", 1) == 1:
                    return new ClassifierHead(node, weight!, biases, 0, logits, behind);
                case "MatMul" when weight is { Shape.Rank: 2 }:
                    return new ClassifierHead(node, weight, added, 1, logits, behind);
                case "Add" when Enumerable.Range(0, node.Inputs.Length).Select(i =>
                    HeadOperand.Of(graph, node, i)).OfType<HeadOperand>().FirstOrDefault()
                    is { } operand && node.Inputs.Length == 2:
                    added.Add(operand);
                    tensor = node.Inputs[1 - operand.Input];
                    break;
                case var op when OperatorFacts.Of(op).OnClasses != EffectOnClasses.Mixes:
                    behind.Add(node);
                    tensor = node.Inputs[0];
                    break;
                default:
                    throw node.Error("stands where the classifier is expected: Gemm, MatMul or Conv with weights of its own, "
                        + "and behind it at most a softmax, a pool or a change of shape");
            }
        }
    }

    /// <summary>The class scores of a model before any softmax; its first output where there is none.</summary>
    /// <param name="model">A model with at least one output.</param>
    public static string LogitsOf(OnnxModel model) => LogitsOf(model, model.Graph.Outputs[0].Name);

    /// <summary>The class scores behind which an output stands, before any softmax; the output itself where there is none.</summary>
    /// <param name="model">A model.</param>
    /// <param name="output">Name of an output.</param>
    public static string LogitsOf(OnnxModel model, string output)
    {
        string tensor = output;
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
    /// <param name="classes">Number of classes, from 1.</param>
    public OnnxModel Resized(OnnxModel model, int classes) => model.Changed(copy =>
    {
        var types = new GraphTypes(copy.Graph);
        foreach (HeadOperand operand in Biases.Prepend(Weight))
        {
            long[] sizes = [.. operand.Shape.Dims];
            int axis = operand == Weight ? ClassAxis : Array.IndexOf(sizes, Classes);
            // One number for all classes fits any number of them.
            if (axis < 0)
                continue;
            sizes[axis] = classes;
            operand.Replace(copy.Graph, types, sizes);
        }

        foreach (OnnxNode reshape in Behind.Where(n => n.OpType == "Reshape" && n.HasInput(1)))
            foreach (TensorProto shape in ShapesNamed(copy.Graph, reshape.Inputs[1]).ToArray())
                Replace(shape, Classes, classes);
    });

    // An initializer, or the value of a Constant node.
    private static IEnumerable<TensorProto> ShapesNamed(GraphProto graph, string name) => graph.Initializer.Where(t => t.Name == name)
        .Concat(graph.Node.Where(n => n.OpType == "Constant" && n.Output.Contains(name))
            .SelectMany(n => n.Attribute.Where(a => a.T is { DataType: (int)ElementType.Int64 }).Select(a => a.T)));

    // The shape of a Reshape behind the layer may name the number of classes.
    private static void Replace(TensorProto shape, long old, long value)
    {
        long[] sizes = MemoryMarshal.Cast<byte, long>(new OnnxTensor(shape, "shape").Load().Bytes.Span).ToArray();
        shape.ClearRawData();
        shape.Int64Data.Clear();
        shape.Int64Data.AddRange(sizes.Select(size => size == old ? value : size));
    }
}

/// <summary>A constant operand of a classifier's layer: an initializer, or what stands between one and the layer.</summary>
/// <param name="Node">The node that reads it.</param>
/// <param name="Input">Place among the node's inputs.</param>
/// <param name="Values">Its values.</param>
internal sealed record HeadOperand(OnnxNode Node, int Input, ConstantExpression Values)
{
    /// <summary>The shape that the node sees.</summary>
    public TensorShape Shape => Values.Shape;

    /// <summary>Name of the initializer that it comes from; of the largest where there are several.</summary>
    public string Name => Values.Sources.MaxBy(source => source.Tensor.Shape.Count).Name;

    /// <summary>The operand of a node; null when it depends on the model's input, or is not there.</summary>
    public static HeadOperand? Of(OnnxGraph graph, OnnxNode node, int input) =>
        node.HasInput(input) && ConstantExpression.Of(graph, node.Inputs[input]) is { Sources.Count: > 0 } values
            ? new HeadOperand(node, input, values) : null;

    /// <summary>
    /// Puts an initializer of another shape and without values in its place. It keeps its name, unless other nodes use the old one:
    /// exporters merge initializers that are equal. Nodes that only made the old operand go.
    /// </summary>
    public void Replace(GraphProto graph, GraphTypes types, long[] sizes)
    {
        NodeProto node = graph.Node.First(n => n.Output.Contains(Node.Outputs[0]));
        string old = node.Input[Input];
        ElementType type = types.Of(old).IsFloatingPoint() ? types.Of(old) : ElementType.Float;
        int place = graph.Initializer.Select(t => t.Name).ToList().IndexOf(Name);
        node.Input[Input] = "";
        Drop(graph, old);
        string name = IsFree(graph, Name) ? Name : FreeName(graph);
        node.Input[Input] = name;
        var tensor = new TensorProto { Name = name, DataType = (int)type, Dims = { sizes } };
        if (place >= 0 && place <= graph.Initializer.Count)
            graph.Initializer.Insert(place, tensor);
        else
            graph.Initializer.Add(tensor);
    }

    // A tensor that nothing reads any more, the node that makes it, and what that node alone has read.
    private static void Drop(GraphProto graph, string tensor)
    {
        if (tensor.Length == 0 || graph.Output.Any(o => o.Name == tensor)
            || graph.Node.Any(n => n.Input.Contains(tensor) || NodeOrder.Captured(n).Contains(tensor)))
            return;
        if (graph.Initializer.FirstOrDefault(t => t.Name == tensor) is { } initializer)
        {
            graph.Initializer.Remove(initializer);
            foreach (ValueInfoProto input in graph.Input.Where(i => i.Name == tensor).ToArray())
                graph.Input.Remove(input);
        }
        else if (graph.Node.FirstOrDefault(n => n.Output.Count == 1 && n.Output[0] == tensor) is { } maker)
        {
            graph.Node.Remove(maker);
            foreach (string read in maker.Input.Distinct())
                Drop(graph, read);
        }
    }

    private static bool IsFree(GraphProto graph, string name) => graph.Initializer.All(t => t.Name != name)
        && graph.Input.All(i => i.Name != name) && !graph.Node.Any(n => n.Output.Contains(name));

    private string FreeName(GraphProto graph)
    {
        string wanted = $"{Node.Name}.{(Input == 1 && Node.OpType != "Add" ? "weight" : "bias")}", name = wanted;
        for (int copy = 2; !IsFree(graph, name); copy++)
            name = $"{wanted}_{copy}";
        return name;
    }
}
