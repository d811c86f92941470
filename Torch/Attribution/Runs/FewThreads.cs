using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Keeps small work of TorchSharp on one thread while it lasts. To wake a second one, and to wait for it beside ONNX Runtime's own, takes
/// longer than the work: what follows the last feature map of MobileNetV2 takes 0.1 ms on one thread, and 4 ms on two of a busy machine.
/// </summary>
internal readonly struct FewThreads : IDisposable
{
    // Multiplications and values that one thread has done before another is awake.
    private const double Small = 4e6;

    private readonly int _threads;

    private FewThreads(int threads) => _threads = threads;

    /// <summary>Limits this process to one thread where what follows the layers is small; dispose to have the threads back.</summary>
    public static FewThreads For(Explanation explanation, bool isBehindLayers) =>
        isBehindLayers && explanation.Layers.Count > 0 && IsSmall(explanation) ? One() : default;

    /// <summary>Limits this process to one thread, where all work is ONNX Runtime's; dispose to have the threads back.</summary>
    public static FewThreads One()
    {
        int threads = get_num_threads();
        if (threads == 1)
            return default;
        set_num_threads(1);
        return new FewThreads(threads);
    }

    /// <summary>Gives the threads back.</summary>
    public void Dispose()
    {
        if (_threads > 0)
            set_num_threads(_threads);
    }

    private static bool IsSmall(Explanation explanation)
    {
        ModelParts parts = explanation.Parts;
        IReadOnlyDictionary<string, TensorShape> shapes = parts.Shapes(explanation.Inputs);
        SuffixPlan plan = parts.Plan(parts.Differentiable, [.. explanation.Layers], TargetScalar.Tensors(explanation.Targets));
        // Most are large by their number of nodes already.
        return plan.Nodes.Length <= 200 && NodeWork.Of(parts.Graph, shapes, plan.Nodes) <= Small;
    }
}
