using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// Adds to tensors of types that ONNX Runtime's .NET side cannot hand out (float8, int4 …) a copy as float32, named
/// "tensor/float32".
/// </summary>
internal static class FloatCopies
{
    private const string Suffix = "/float32";

    private static readonly ElementType[] Types =
    [
        ElementType.Float8E4M3FN, ElementType.Float8E4M3FNUZ, ElementType.Float8E5M2, ElementType.Float8E5M2FNUZ, ElementType.Int4,
            ElementType.UInt4,
    ];

    /// <summary>The model with the copies; the same object when it needs none.</summary>
    public static OnnxModel Apply(OnnxModel model)
    {
        var types = new GraphTypes(model.Proto.Graph);
        string[] hidden = [.. model.Graph.NodeOutputs.Where(name => Types.Contains(types.Of(name)))];
        if (hidden.Length == 0)
            return model;
        return model.Changed(copy => copy.Graph.Node.AddRange(hidden.Select(name => new NodeProto
        {
            OpType = "Cast",
            Input = { name },
            Output = { name + Suffix },
            Attribute = { new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = (long)ElementType.Float } },
        })));
    }
}
