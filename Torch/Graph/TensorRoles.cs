using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;

namespace CnnOnnx.Torch.Graph;

/// <summary>Finds out from the operators that use them which initializers are weights.</summary>
internal static class TensorRoles
{
    /// <summary>The role of every initializer that a node uses. One use as a weight makes it a weight.</summary>
    public static Dictionary<string, TensorRole> Of(OnnxGraph graph, IEnumerable<OnnxNode> nodes)
    {
        var roles = new Dictionary<string, TensorRole>();
        foreach (OnnxNode node in nodes.SelectMany(CompiledGraph.WithBodies))
        {
            Operator row = OperatorTable.Find(node)!;
            for (int i = 0; i < node.Inputs.Length; i++)
            {
                if (!graph.Initializer.TryGetValue(node.Inputs[i], out OnnxTensor? initializer))
                    continue;
                TensorRole role = !initializer.ElementType.IsFloatingPoint ? TensorRole.Constant
                    : row.Weights.Contains(i) && initializer.Shape.Count >= row.SmallestWeight ? TensorRole.Weight
                    : row.Statistics.Contains(i) ? TensorRole.Statistic
                    : TensorRole.Constant;
                if (!roles.TryGetValue(initializer.Name, out TensorRole known) || role > known)
                    roles[initializer.Name] = role;
            }
        }

        return roles;
    }
}
