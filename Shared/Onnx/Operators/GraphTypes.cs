using System.Collections.Frozen;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// Element types in a graph, as far as declarations and operators tell them: most operators put out what they are given, and
/// the tables have those that do not. Undefined where that is not known.
/// </summary>
internal sealed class GraphTypes
{
    // What an operator puts out whatever it is given, or the input whose type it keeps when that is not the first.
    private static readonly FrozenDictionary<string, ElementType> Fixed = new Dictionary<string, ElementType>
    {
        ["Shape"] = ElementType.Int64,
        ["Size"] = ElementType.Int64,
        ["NonZero"] = ElementType.Int64,
        ["ArgMax"] = ElementType.Int64,
        ["ArgMin"] = ElementType.Int64,
        ["NonMaxSuppression"] = ElementType.Int64,
        ["SequenceLength"] = ElementType.Int64,
        ["Equal"] = ElementType.Bool,
        ["Less"] = ElementType.Bool,
        ["LessOrEqual"] = ElementType.Bool,
        ["Greater"] = ElementType.Bool,
        ["GreaterOrEqual"] = ElementType.Bool,
        ["And"] = ElementType.Bool,
        ["Or"] = ElementType.Bool,
        ["Not"] = ElementType.Bool,
        ["Xor"] = ElementType.Bool,
        ["IsNaN"] = ElementType.Bool,
        ["IsInf"] = ElementType.Bool,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, int> KeepsInput = new Dictionary<string, int>
    {
        ["Where"] = 1,
        ["OneHot"] = 2,
        ["DequantizeLinear"] = 1,
        ["QuantizeLinear"] = 2,
    }.ToFrozenDictionary();

    // Of these nothing can be told without more than types of tensors.
    private static readonly FrozenSet<string> Untold =
        new[] { "If", "Loop", "Scan", "SequenceAt", "SequenceEmpty", "SequenceConstruct", "SequenceInsert", "SequenceErase", "SplitToSequence",
            "ConcatFromSequence", "Optional", "OptionalGetElement", "DynamicQuantizeLinear", "EyeLike", "Multinomial" }.ToFrozenSet();

    private readonly Dictionary<string, ElementType> _types = [];
    private readonly GraphTypes? _outside;

    /// <param name="body">The graph.</param>
    /// <param name="outside">Of the graph around it.</param>
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
        if (node.Domain is not ("" or "ai.onnx") || Untold.Contains(node.OpType))
            return ElementType.Undefined;
        if (Fixed.TryGetValue(node.OpType, out ElementType type))
            return type;
        AttributeProto? attribute = node.Attribute.FirstOrDefault(a => a.Name is "to" or "dtype" or "value");
        return (node.OpType, output) switch
        {
            ("Cast" or "RandomNormal" or "RandomUniform", _) => (ElementType)(attribute?.I ?? (long)ElementType.Float),
            ("Constant" or "ConstantOfShape", _) => ValueType(node.OpType, attribute),
            // Indices, masks and places in the input.
            ("TopK" or "MaxPool" or "Unique", > 0) => ElementType.Int64,
            ("Dropout", 1) => ElementType.Bool,
            _ => node.Input.Count == 0 ? ElementType.Undefined
                : Of(node.Input[Math.Min(KeepsInput.GetValueOrDefault(node.OpType), node.Input.Count - 1)]),
        };
    }

    private static ElementType ValueType(string op, AttributeProto? value) =>
        value?.T is { } tensor ? (ElementType)tensor.DataType
        : op == "ConstantOfShape" ? ElementType.Float
        : ElementType.Undefined;
}
