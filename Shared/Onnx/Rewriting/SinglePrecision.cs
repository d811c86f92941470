using System.Runtime.InteropServices;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>
/// Turns a model of half-precision weights into one of float32 weights, which can be trained: steps of a training are smaller than
/// what float16 tells apart. Inputs keep their type and get a Cast behind them.
/// </summary>
internal static class SinglePrecision
{
    private const string Suffix = "/float32";

    /// <summary>True when a weight of the model is float16 or bfloat16.</summary>
    public static bool HasHalfWeights(this OnnxModel model) =>
        model.Graph.Initializers.Any(t => IsHalf((int)t.ElementType) && t.Shape.Count > 1);

    /// <summary>
    /// The model with all half-precision numbers inside it as float32; the same object when its weights are not in half precision.
    /// </summary>
    /// <param name="model">A model without calls of local functions; stays as it is.</param>
    public static OnnxModel WithSinglePrecisionWeights(this OnnxModel model) => !model.HasHalfWeights() ? model : model.Changed(copy =>
    {
        foreach (TensorProto tensor in copy.Graph.Initializer)
            Widen(tensor, model.Graph.Initializer[tensor.Name]);
        Widen(copy.Graph.Node);
        // what the file says of tensors inside followed from their old type
        copy.Graph.ValueInfo.Clear();
        foreach (ValueInfoProto output in copy.Graph.Output.Where(o => o.Type?.TensorType is { } type && IsHalf(type.ElemType)))
            output.Type.TensorType.ElemType = (int)ElementType.Float;
        HashSet<string> weights = [.. copy.Graph.Initializer.Select(t => t.Name)];
        foreach (ValueInfoProto input in copy.Graph.Input.Where(i => i.Type?.TensorType is { } type && IsHalf(type.ElemType)).ToArray())
        {
            // Old files list their weights among the inputs.
            if (weights.Contains(input.Name))
            {
                input.Type.TensorType.ElemType = (int)ElementType.Float;
                continue;
            }

            foreach (NodeProto node in copy.Graph.Node)
                Rename(node, input.Name, input.Name + Suffix);
            copy.Graph.Node.Insert(0, new NodeProto
            {
                OpType = "Cast",
                Name = input.Name + Suffix,
                Input = { input.Name },
                Output = { input.Name + Suffix },
                Attribute =
                {
                    new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = (long)ElementType.Float },
                },
            });
        }
    });

    private static bool IsHalf(int type) => (ElementType)type is ElementType.Float16 or ElementType.BFloat16;

    private static void Widen(IEnumerable<NodeProto> nodes)
    {
        foreach (AttributeProto attribute in nodes.SelectMany(n => n.Attribute))
        {
            if (attribute.Name is "to" or "dtype" or "output_dtype" && IsHalf((int)attribute.I))
                attribute.I = (long)ElementType.Float;
            if (attribute.T is not null)
                Widen(attribute.T, new OnnxTensor(attribute.T, attribute.Name));
            if (attribute.G is null)
                continue;
            foreach (TensorProto tensor in attribute.G.Initializer)
                Widen(tensor, new OnnxTensor(tensor, attribute.Name));
            attribute.G.ValueInfo.Clear();
            Widen(attribute.G.Node);
        }
    }

    private static void Widen(TensorProto tensor, OnnxTensor values)
    {
        if (!IsHalf(tensor.DataType))
            return;
        tensor.DataType = (int)ElementType.Float;
        // a weight that has a shape only gets its values later
        if (!values.HasData)
            return;
        float[] numbers = values.Load().ToFloats();
        tensor.Int32Data.Clear();
        tensor.ExternalData.Clear();
        tensor.ClearDataLocation();
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(numbers.AsSpan()));
    }

    private static void Rename(NodeProto node, string tensor, string name)
    {
        for (int i = 0; i < node.Input.Count; i++)
            if (node.Input[i] == tensor)
                node.Input[i] = name;
        foreach (NodeProto inner in node.Attribute.Where(a => a.G is not null).SelectMany(a => a.G.Node))
            Rename(inner, tensor, name);
    }
}
