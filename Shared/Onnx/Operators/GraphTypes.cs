using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>Element types in a graph, as far as declarations and operators tell them; Undefined where that is not known.</summary>
internal sealed class GraphTypes
{
    private readonly Dictionary<string, ElementType> _types = [];
    private readonly GraphTypes? _outside;

    /// <param name="body">The graph.</param>
    /// <param name="outside">Types of the graph around it; null for none.</param>
    public GraphTypes(GraphProto body, GraphTypes? outside = null)
    {
        _outside = outside;
        foreach (TensorProto initializer in body.Initializer)
            _types[initializer.Name] = (ElementType)initializer.DataType;
        foreach (OnnxValue value in body.Input.Concat(body.ValueInfo).Concat(body.Output).Select(OnnxValue.From))
            if (value.Kind == OnnxValueKind.Tensor && value.ElementType != ElementType.Undefined)
                _types[value.Name] = value.ElementType;
        foreach (NodeProto node in body.Node)
            for (int i = 0; i < node.Output.Count; i++)
                _types.TryAdd(node.Output[i], TypeOf(node, i));
    }

    public ElementType Of(string tensor) =>
        _types.TryGetValue(tensor, out ElementType type) ? type : _outside?.Of(tensor) ?? ElementType.Undefined;

    private ElementType TypeOf(NodeProto node, int output)
    {
        if (node.Domain is not ("" or "ai.onnx"))
            return ElementType.Undefined;
        TypeRule[] rules = OperatorFacts.Of(node.OpType).Types;
        return rules[Math.Min(output, rules.Length - 1)](node, Of);
    }
}
