using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>
/// Finds out from the operators that use them which initializers are weights. Only an initializer that a node names itself counts:
/// what <see cref="WeightOrigin"/> sees behind other nodes is drawn and not trained.
/// </summary>
internal static class TensorRoles
{
    /// <summary>The role of every initializer that a node, or a node inside it, uses. One use as a weight makes it a weight.</summary>
    public static Dictionary<string, TensorRole> Of(OnnxGraph graph, IEnumerable<OnnxNode> nodes)
    {
        var roles = new Dictionary<string, TensorRole>();
        foreach (OnnxNode node in nodes.SelectMany(n => n.WithBodies()))
        {
            WeightInput[] weights = OperatorFacts.Of(node).Weights;
            for (int i = 0; i < node.Inputs.Length; i++)
            {
                if (!graph.Initializer.TryGetValue(node.Inputs[i], out OnnxTensor? initializer))
                    continue;
                TensorRole role = Of(initializer, weights.FirstOrDefault(w => w.Index == i));
                if (!roles.TryGetValue(initializer.Name, out TensorRole known) || role > known)
                    roles[initializer.Name] = role;
            }
        }

        return roles;
    }

    private static TensorRole Of(OnnxTensor initializer, WeightInput? use) =>
        use is not null && initializer.ElementType.IsFloatingPoint && initializer.Shape.Count >= use.Smallest
            ? use.Role
            : TensorRole.Constant;
}
