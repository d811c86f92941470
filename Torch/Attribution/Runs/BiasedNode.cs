using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>A node that adds a bias to each channel: its result, and what it adds.</summary>
/// <param name="Tensor">Name of the result.</param>
/// <param name="Values">The bias of each channel; of a batch normalisation β − mean·γ/√(var + ε).</param>
internal sealed record BiasedNode(string Tensor, float[] Values)
{
    /// <summary>The nodes of a graph that add a constant bias in front of some tensors.</summary>
    public static BiasedNode[] Of(OnnxGraph graph, IReadOnlyCollection<string> targets) =>
    [
        .. graph.NodesFor(targets, [], node => CompiledGraph.Reads(node, graph))
            .Select(node => Bias(graph, node) is { } values ? new BiasedNode(node.Outputs[0], values) : null).OfType<BiasedNode>(),
    ];

    /// <summary>The part of the target that comes from each value of the bias: gradient times bias, of the gradient's shape.</summary>
    /// <param name="gradient">Gradient by the result as [1, C, H, W]; of a vector [1, 1, 1, n].</param>
    public Tensor Share(Tensor gradient) =>
        gradient * tensor(Values, device: gradient.device).reshape(gradient.shape[1] == Values.Length ? [1, -1, 1, 1] : [1, 1, 1, -1]);

    private static float[]? Bias(OnnxGraph graph, OnnxNode node) => node.OpType switch
    {
        "Conv" or "ConvTranspose" or "Gemm" when node.HasInput(2) => Constant(graph, node, 2),
        "BatchNormalization" when Constant(graph, node, 1) is { } gamma && Constant(graph, node, 2) is { } beta
            && Constant(graph, node, 3) is { } mean && Constant(graph, node, 4) is { } variance =>
            [.. beta.Select((b, i) => b - mean[i] * gamma[i] / MathF.Sqrt(variance[i] + node.Float("epsilon", 1e-5f)))],
        _ => null,
    };

    private static float[]? Constant(OnnxGraph graph, OnnxNode node, int input) =>
        ConstantExpression.Of(graph, node.Inputs[input]) is { Shape.Rank: 1, HasData: true } values ? values.Load() : null;
}
