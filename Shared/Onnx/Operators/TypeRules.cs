using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>Says of what element type an output is; Undefined where that is not known.</summary>
/// <param name="node">The node as the file has it.</param>
/// <param name="typeOf">The types of tensors that come before the node.</param>
internal delegate ElementType TypeRule(NodeProto node, Func<string, ElementType> typeOf);

/// <summary>The rules that operators have for the types of their outputs.</summary>
internal static class TypeRules
{
    /// <summary>Nothing can be told without more than the types of tensors.</summary>
    public static TypeRule Unknown { get; } = Is(ElementType.Undefined);

    public static TypeRule Int64 { get; } = Is(ElementType.Int64);

    public static TypeRule Bool { get; } = Is(ElementType.Bool);

    /// <summary>The type that an attribute names; float32 where there is none.</summary>
    public static TypeRule Named { get; } = (node, _) => (ElementType)(Attribute(node)?.I ?? (long)ElementType.Float);

    /// <summary>The type of an input, or of the last one where there are fewer.</summary>
    public static TypeRule OfInput(int index) =>
        (node, typeOf) => node.Input.Count == 0 ? ElementType.Undefined : typeOf(node.Input[Math.Min(index, node.Input.Count - 1)]);

    /// <summary>The type of the tensor that an attribute holds.</summary>
    public static TypeRule OfValue(ElementType missing) =>
        (node, _) => Attribute(node)?.T is { } tensor ? (ElementType)tensor.DataType : missing;

    private static TypeRule Is(ElementType type) => (_, _) => type;

    private static AttributeProto? Attribute(NodeProto node) => node.Attribute.FirstOrDefault(a => a.Name is "to" or "dtype" or "value");
}
