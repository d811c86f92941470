using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// Refuses tensors that memory does not hold before libtorch asks for it: an operating system that promises more memory
/// than it has kills the process later.
/// </summary>
internal static class Budget
{
    // Beyond 32 maps of 7680 × 4320 it is the time that nobody has: each node takes seconds, and several such nodes minutes.
    private const double MostElements = 1 << 30;

    // A quarter of the machine: a node has an operand beside its result, and many have indices or a copy in between.
    private static readonly long Largest = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    /// <exception cref="OnnxException">
    /// A tensor of this shape takes more than a quarter of all memory, or has more than 2³⁰ elements, or a size is negative.
    /// </exception>
    public static void Require(OnnxNode node, ScalarType type, params ReadOnlySpan<long> shape)
    {
        double elements = 1;
        foreach (long size in shape)
        {
            if (size < 0)
                throw node.Error($"would make a tensor of shape {new TensorShape(shape)}: a size is negative");
            elements *= size;
        }

        if (elements > MostElements)
            throw node.Error($"would make a tensor of shape {new TensorShape(shape)}: {elements:0} elements, "
                + $"expected at most {MostElements:0}");
        double bytes = elements * (type is ScalarType.Float64 or ScalarType.Int64 ? 8 : 4);
        if (bytes > Largest)
            throw node.Error(
                $"would make a tensor of shape {new TensorShape(shape)}: {bytes / (1L << 30):0} GB, "
                + $"expected at most {Largest >> 30} GB here");
    }
}
