using System.Collections.Immutable;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using Google.Protobuf.Collections;

namespace CnnOnnx.Onnx;

/// <summary>
/// Changes of a model. Each returns a further model, checked as if it had been read, and leaves the given one as it is. Weights
/// stay where they are, in the file of the first.
/// </summary>
internal static class ModelRewriting
{
    /// <summary>These tensors as outputs, in this order, and no others. What a value does not say is the runtime's to infer.</summary>
    /// <exception cref="OnnxException">Nothing makes one of them.</exception>
    public static OnnxModel WithOutputs(this OnnxModel model, IEnumerable<OnnxValue> outputs) => model.Changed(copy =>
    {
        copy.Graph.Output.Clear();
        copy.Graph.Output.AddRange(outputs.Select(value => value.ToProto()));
    });

    /// <summary>Tensors as outputs of which nothing but the name is said.</summary>
    /// <inheritdoc cref="WithOutputs(OnnxModel, IEnumerable{OnnxValue})"/>
    public static OnnxModel WithOutputs(this OnnxModel model, IEnumerable<string> names) =>
        model.WithOutputs(names.Select(name => new OnnxValue { Name = name }));

    /// <summary>
    /// Another shape for an input, such as one with a symbol for the batch. What the file says about tensors between inputs and
    /// outputs goes, since it followed from the old shape.
    /// </summary>
    /// <param name="model">Stays as it is.</param>
    /// <param name="input">Name of an input of the graph.</param>
    /// <param name="shape">Sizes or symbols, such as ["N", 3, 224, 224].</param>
    /// <exception cref="ArgumentException">There is no such input.</exception>
    public static OnnxModel WithInputShape(this OnnxModel model, string input, params ImmutableArray<Dimension> shape)
    {
        OnnxValue declared = model.Graph.Inputs.FirstOrDefault(i => i.Name == input)
            ?? throw new ArgumentException(
                $"{model.Source} has no input '{input}', its inputs are {string.Join(", ", model.Graph.Inputs.Select(i => i.Name))}.",
                nameof(input));
        return model.Changed(copy =>
        {
            RepeatedField<ValueInfoProto> inputs = copy.Graph.Input;
            inputs[inputs.IndexOf(inputs.First(i => i.Name == input))] = (declared with { Shape = shape }).ToProto();
            copy.Graph.ValueInfo.Clear();
        });
    }

    /// <summary>Another number of classes: the classifier gets weights that have a shape and no values yet.</summary>
    /// <exception cref="OnnxException">The model ends in no classifier.</exception>
    public static OnnxModel WithClasses(this OnnxModel model, int classes) => ClassifierHead.Find(model).Resized(model, classes);

    /// <summary>
    /// Initializers in place of the Constant nodes that hold weights, under the names of the nodes' results: a training changes
    /// initializers. The same object where there are none.
    /// </summary>
    /// <param name="model">Stays as it is.</param>
    public static OnnxModel WithConstantWeights(this OnnxModel model)
    {
        HashSet<string> weights = [.. TensorRoles.WeightNames(model.Graph)];
        HashSet<string> outputs = [.. model.Graph.Outputs.Select(o => o.Name)];
        HashSet<string> moved = [.. model.Graph.Nodes
            .Where(n => n.OpType == "Constant" && n.Tensor("value") is { Shape.Count: > 1 } value && value.ElementType.IsFloatingPoint())
            .Select(n => n.Outputs[0]).Where(name => weights.Contains(name) && !outputs.Contains(name))];
        return moved.Count == 0 ? model : model.Changed(copy =>
        {
            foreach (NodeProto node in copy.Graph.Node.Where(n => n.OpType == "Constant" && moved.Contains(n.Output[0])).ToArray())
            {
                TensorProto tensor = node.Attribute.First(a => a.Name == "value").T.Clone();
                tensor.Name = node.Output[0];
                copy.Graph.Initializer.Add(tensor);
                copy.Graph.Node.Remove(node);
            }
        });
    }

    /// <summary>Another name for a tensor, wherever it is used: by nodes and the graphs inside them, and by the model card.</summary>
    /// <exception cref="ArgumentException">There is no such tensor, or there is one of the new name.</exception>
    public static OnnxModel WithName(this OnnxModel model, string tensor, string name)
    {
        HashSet<string> known = [.. model.Graph.Inputs.Select(i => i.Name), .. model.Graph.Initializer.Keys, .. model.Graph.NodeOutputs];
        if (!known.Contains(tensor))
            throw new ArgumentException($"{model.Source} has no tensor '{tensor}'.", nameof(tensor));
        if (known.Contains(name) || name.Length == 0)
            throw new ArgumentException(
                $"Tensor '{tensor}' of {model.Source} cannot be named '{name}', expected a name that no tensor has.", nameof(name));
        return model.Changed(copy =>
        {
            Rename(copy.Graph, tensor, name);
            if (model.Card.Stages is not { } stages)
                return;
            KeyValuePair<string, string>[] renamed = [.. stages.Select(s => s.Value == tensor ? KeyValuePair.Create(s.Key, name) : s)];
            (model.Card with { Stages = renamed }).WriteTo(copy.MetadataProps);
        });
    }

    /// <summary>
    /// A part of the model: from tensors inside it, which become its inputs, to others, which become its outputs. Nodes that these do
    /// not need go.
    /// </summary>
    /// <param name="model">Stays as it is.</param>
    /// <param name="inputs">Tensors and inputs of the model, with their types, in the order of the new inputs.</param>
    /// <param name="outputs">Names of the wanted tensors.</param>
    public static OnnxModel WithInputs(this OnnxModel model, IReadOnlyList<OnnxValue> inputs, IReadOnlyList<string> outputs) =>
        model.Changed(copy =>
    {
        OnnxNode[] nodes = [.. model.Graph.NodesFor(outputs, [.. inputs.Select(input => input.Name)], NodeOrder.UsedNames)];
        HashSet<string> used = [.. nodes.SelectMany(NodeOrder.UsedNames)];
        GraphProto graph = copy.Graph;
        graph.Node.Clear();
        graph.Node.AddRange(nodes.Select(node => node.Proto.Clone()));
        TensorProto[] weights = [.. graph.Initializer.Where(t => used.Contains(t.Name))];
        graph.Initializer.Clear();
        graph.Initializer.AddRange(weights);
        foreach (RepeatedField<ValueInfoProto> values in new[] { graph.Input, graph.Output, graph.ValueInfo })
            values.Clear();
        graph.QuantizationAnnotation.Clear();
        graph.Input.AddRange(inputs.Select(value => value.ToProto()));
        graph.Output.AddRange(outputs.Select(name => new ValueInfoProto { Name = name }));
        // Before version 4 a weight has to be among the inputs.
        copy.IrVersion = Math.Max(copy.IrVersion, 4);
    });

    /// <summary>One node and its weights as a model: everything else that it reads is an input.</summary>
    /// <param name="model">Stays as it is.</param>
    /// <param name="node">One of its nodes.</param>
    /// <param name="reads">Names of all tensors that the node needs.</param>
    /// <param name="inputs">The tensors among them that are no initializers.</param>
    /// <param name="output">The tensor that is wanted.</param>
    public static OnnxModel WithOnly(this OnnxModel model, OnnxNode node, IReadOnlyCollection<string> reads, IEnumerable<OnnxValue> inputs,
        string output) => model.Changed(copy =>
    {
        GraphProto graph = copy.Graph;
        TensorProto[] weights = [.. graph.Initializer.Where(t => reads.Contains(t.Name))];
        graph.Initializer.Clear();
        graph.Initializer.AddRange(weights);
        foreach (RepeatedField<ValueInfoProto> values in new[] { graph.Input, graph.Output, graph.ValueInfo })
            values.Clear();
        graph.Node.Clear();
        graph.Node.Add(node.Proto.Clone());
        graph.Input.AddRange(inputs.Select(value => value.ToProto()));
        graph.Output.Add(new ValueInfoProto { Name = output });
    });

    /// <summary>The model with a change that its copy gets.</summary>
    public static OnnxModel Changed(this OnnxModel model, Action<ModelProto> change)
    {
        ModelProto copy = model.Proto.Clone();
        change(copy);
        return new OnnxModel(copy, model.Source);
    }

    // A graph inside a node that has a tensor of that name itself means its own.
    private static void Rename(GraphProto graph, string tensor, string name)
    {
        foreach (ValueInfoProto value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).Where(v => v.Name == tensor))
            value.Name = name;
        foreach (TensorProto initializer in graph.Initializer.Where(t => t.Name == tensor))
            initializer.Name = name;
        foreach (TensorAnnotation annotation in graph.QuantizationAnnotation.Where(a => a.TensorName == tensor))
            annotation.TensorName = name;
        foreach (NodeProto node in graph.Node)
        {
            Rename(node.Input, tensor, name);
            Rename(node.Output, tensor, name);
            foreach (AttributeProto body in node.Attribute.Where(a => a.G is not null && !Makes(a.G, tensor)))
                Rename(body.G, tensor, name);
        }
    }

    private static void Rename(RepeatedField<string> names, string tensor, string name)
    {
        for (int i = 0; i < names.Count; i++)
            if (names[i] == tensor)
                names[i] = name;
    }

    private static bool Makes(GraphProto body, string tensor) => body.Input.Any(i => i.Name == tensor)
        || body.Initializer.Any(t => t.Name == tensor) || body.Node.Any(n => n.Output.Contains(tensor));
}
