namespace CnnOnnx.Inference;

/// <summary>Limits beyond which ONNX Runtime is not asked, since it would try.</summary>
internal static class RuntimeLimits
{
    // While it opens, the runtime looks for each node among all outputs. 65,536 nodes, each with a tensor that is wanted, take it
    // half a minute; of a million it would take hours.
    private const long MostComparisons = 1L << 32;

    // An operating system that promises more memory than it has ends the process later.
    private static readonly long MostBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;

    /// <exception cref="OnnxException">More tensors of more nodes are wanted than the runtime copes with.</exception>
    public static void RequireTime(string source, long nodes, long tensors)
    {
        if (nodes * tensors > MostComparisons)
            throw new OnnxException(source,
                $"has {nodes} nodes, of which ONNX Runtime hands out at most {MostComparisons / nodes} tensors in reasonable time, but"
                    + $" {tensors} are wanted");
    }

    /// <exception cref="OnnxException">The tensors of one run take more than three quarters of all memory.</exception>
    public static void RequireMemory(string source, double bytes)
    {
        if (bytes > MostBytes)
            throw new OnnxException(source,
                $"would make {bytes / (1L << 30):0} GB of tensors at once, expected at most {MostBytes >> 30} GB here");
    }
}
