using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Operators;

/// <summary>
/// Refuses tensors that memory does not hold before libtorch asks for it: an operating system that promises more memory
/// than it has kills the process later.
/// </summary>
internal static class Budget
{
    // Half of the machine: nobody computes a tensor without having another.
    private static readonly long Largest = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <exception cref="OnnxException">A tensor of this shape takes more than half of all memory, or a size is negative.</exception>
    public static void Require(OnnxNode node, ScalarType type, params ReadOnlySpan<long> shape)
    {
        double bytes = type is ScalarType.Float64 or ScalarType.Int64 ? 8 : 4;
        foreach (long size in shape)
        {
            if (size < 0)
                throw new OnnxException(node, $"would make a tensor of shape {new TensorShape(shape)}: a size is negative");
            bytes *= size;
        }

        if (bytes > Largest)
            throw new OnnxException(node,
                $"would make a tensor of shape {new TensorShape(shape)}: {bytes / (1L << 30):0} GB, expected at most {Largest >> 30} GB on this machine");
    }
}
