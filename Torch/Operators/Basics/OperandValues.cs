using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>Operands that are numbers for the operator itself: shapes, axes, bounds, indices.</summary>
internal static class OperandValues
{
    extension(Tensor tensor)
    {
        /// <summary>All elements, as int64.</summary>
        public long[] ToLongs() => tensor.numel() == 0 ? []
            : tensor.detach().to(ScalarType.Int64).cpu().contiguous().data<long>().ToArray();

        /// <summary>All elements, as float32.</summary>
        public float[] ToFloats() => tensor.numel() == 0 ? []
            : tensor.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();

        /// <summary>The tensor under a handle of its own, so that either can be disposed.</summary>
        public Tensor Again() => tensor.view_as(tensor);
    }

    /// <summary>The one whole number that an operand holds, whatever its rank.</summary>
    public static long Long(this Operands operands, int index) => operands[index].numel() == 1
        ? operands[index].ToLongs()[0]
        : throw operands.Fault($"input {index} has {operands[index].numel()} elements, expected one number");

    /// <summary>From 0 to rank−1.</summary>
    public static int Axis(OnnxNode node, long axis, long rank) => (int)Axes.Normalize(node, axis, rank);

    /// <summary>From 0 to rank−1, in the order given.</summary>
    public static int[] Axis(OnnxNode node, long[] axes, long rank)
    {
        Axes.Normalize(node, axes, rank);
        return [.. axes.Select(axis => (int)Axes.Normalize(node, axis, rank))];
    }

    /// <summary>Indices into an axis of the given size, from 0 on and proven to lie inside.</summary>
    public static Tensor Indices(OnnxNode node, Tensor indices, long size)
    {
        Tensor index = indices.to(ScalarType.Int64);
        if (index.numel() == 0)
            return index;
        long lowest = index.min().item<long>(), highest = index.max().item<long>();
        if (lowest < -size || highest >= size)
            throw node.Error($"has index {(lowest < -size ? lowest : highest)}, expected {-size} to {size - 1}");
        return lowest < 0 ? where(index < 0, index + size, index) : index;
    }

    /// <summary>The type that an attribute names with a number of TensorProto.DataType.</summary>
    public static ScalarType Type(this OnnxNode node, string attribute) =>
        TypeOf(node, (ElementType)node.Int(attribute, (long)ElementType.Undefined), $"attribute '{attribute}'");

    /// <param name="what">The part of the node that has elements of this type.</param>
    public static ScalarType TypeOf(OnnxNode node, ElementType type, string what)
    {
        try
        {
            return TorchTensors.TypeOf(type, what);
        }
        catch (BadInputException fault)
        {
            throw node.Error(fault.Message, fault);
        }
    }
}
