using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Operators;

namespace CnnOnnx.Torch.Parity;

/// <summary>
/// Tensors that no comparison can say anything about, with reasons: random ones, those of operators that are not supported, and
/// all that is computed from either.
/// </summary>
internal static class LeftOutTensors
{
    /// <summary>The tensors by name, in the order of the graph.</summary>
    /// <param name="graph">A graph without local functions.</param>
    public static Dictionary<string, SkippedTensor> Of(OnnxGraph graph)
    {
        IReadOnlyDictionary<string, OnnxNode> random = NondeterministicOutputs.Of(graph);
        var unsupported = new Dictionary<string, OnnxNode>();
        var found = new Dictionary<string, SkippedTensor>();
        foreach (OnnxNode node in graph.Nodes)
        {
            OnnxNode? missing = node.WithBodies().FirstOrDefault(n => OperatorTable.Find(n) is null)
                ?? NodeOrder.UsedNames(node).Select(unsupported.GetValueOrDefault).FirstOrDefault(n => n is not null);
            foreach (string tensor in node.Outputs.Where(o => o.Length > 0))
            {
                if (missing is not null)
                    unsupported[tensor] = missing;
                string? reason = random.TryGetValue(tensor, out OnnxNode? cause) ? NondeterministicOutputs.Describe(cause)
                    : missing is not null ? $"needs {missing}, which is not supported"
                    : null;
                if (reason is not null)
                    found.Add(tensor, new SkippedTensor(tensor, reason));
            }
        }

        return found;
    }
}
