using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Import;

/// <summary>A node with weights, and what of it a checkpoint calls weight, bias and running statistics.</summary>
/// <param name="Node">The node.</param>
/// <param name="Parts">Initializers by the names that PyTorch has for them.</param>
internal sealed record GraphLayer(OnnxNode Node, IReadOnlyDictionary<string, OnnxTensor> Parts)
{
    /// <summary>Operators with weights: what PyTorch calls their inputs from the second on.</summary>
    private static readonly Dictionary<string, string[]> Names = new()
    {
        ["Conv"] = ["weight", "bias"],
        ["ConvTranspose"] = ["weight", "bias"],
        ["Gemm"] = ["weight", "bias"],
        ["MatMul"] = ["weight"],
        ["BatchNormalization"] = ["weight", "bias", "running_mean", "running_var"],
        ["InstanceNormalization"] = ["weight", "bias"],
        ["LayerNormalization"] = ["weight", "bias"],
        ["GroupNormalization"] = ["weight", "bias"],
        ["PRelu"] = ["weight"],
    };

    /// <summary>Path of the module in the node's name; null where that says none.</summary>
    public string? Module { get; } = ModulePaths.Of(Node.Name);

    /// <summary>The BatchNormalization that its output goes to; null for none.</summary>
    public GraphLayer? Norm { get; private set; }

    public OnnxTensor? Weight => Parts.GetValueOrDefault("weight");

    public OnnxTensor? Bias => Parts.GetValueOrDefault("bias");

    public bool IsNorm => Node.OpType == "BatchNormalization";

    /// <summary>It is a convolution or a matrix product.</summary>
    public bool IsLayer => Node.OpType is "Conv" or "ConvTranspose" or "Gemm" or "MatMul";

    /// <summary>PyTorch has the matrix as [outputs, inputs], the node takes it the other way round.</summary>
    public bool IsTurned => Node.OpType == "MatMul" || (Node.OpType == "Gemm" && Node.Int("transB", 0) == 0);

    /// <summary>Layers of a graph, in its order.</summary>
    public static IReadOnlyList<GraphLayer> Of(OnnxGraph graph)
    {
        List<GraphLayer> layers = [.. graph.Nodes.Where(n => n.Domain.Length == 0 && Names.ContainsKey(n.OpType))
            .Select(n => Create(graph, n)).Where(layer => layer.Parts.Count > 0)];
        Dictionary<string, GraphLayer> norms = [];
        foreach (GraphLayer norm in layers.Where(l => l.IsNorm))
            norms[norm.Node.Inputs[0]] = norm;
        foreach (GraphLayer layer in layers)
            layer.Norm = norms.GetValueOrDefault(layer.Node.Outputs[0]);
        return layers;
    }

    /// <summary>True where a tensor of a checkpoint has the elements of an initializer.</summary>
    /// <param name="shape">Shape in the checkpoint.</param>
    /// <param name="target">The initializer.</param>
    /// <param name="isTurned">The initializer has rows for the checkpoint's columns.</param>
    public static bool Fits(TensorShape shape, OnnxTensor target, bool isTurned) => isTurned && shape.Rank == 2
        ? target.Shape.Rank == 2 && shape[0] == target.Shape[1] && shape[1] == target.Shape[0]
        : shape == target.Shape || shape.Dims.Where(d => d != 1).SequenceEqual(target.Shape.Dims.Where(d => d != 1));

    /// <summary>True where a module has what the layer needs.</summary>
    public bool Fits(CheckpointModule module) => IsNorm
        ? module.IsNorm && module.Channels == Parts.Values.First().Shape.Count
        : Weight is { } weight && module is { IsNorm: false, Weight: { } theirs } && Fits(theirs.Shape, weight, IsTurned)
            && (!IsLayer || module.IsLayer);

    private static GraphLayer Create(OnnxGraph graph, OnnxNode node)
    {
        var parts = new Dictionary<string, OnnxTensor>();
        string[] names = Names[node.OpType];
        for (int i = 0; i < names.Length; i++)
            if (node.HasInput(i + 1) && graph.Initializer.TryGetValue(node.Inputs[i + 1], out OnnxTensor? tensor)
                && tensor.ElementType.IsFloatingPoint())
                parts[names[i]] = tensor;
        return new GraphLayer(node, parts);
    }
}
