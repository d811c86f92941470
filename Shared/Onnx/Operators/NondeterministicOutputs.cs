using CnnOnnx.Onnx.Schema;

namespace CnnOnnx.Onnx;

/// <summary>
/// Finds the tensors that two correct runs may compute differently: what random operators make (a Dropout in training mode
/// among them), what the specification leaves open, and everything that is computed from such values.
/// </summary>
internal static class NondeterministicOutputs
{
    // Their results follow from the shape of the operand alone.
    private static readonly string[] ShapeOnly = ["Shape", "Size", "EyeLike"];

    /// <summary>The tensors that nodes of the graph make and that may differ from run to run, each with the node that is the reason.</summary>
    /// <param name="graph">A graph without calls of local functions.</param>
    public static IReadOnlyDictionary<string, OnnxNode> Of(OnnxGraph graph)
    {
        var found = new Dictionary<string, OnnxNode>();
        Collect(graph.Proto, graph.Nodes, new ConstantOperands(graph.Proto, ""), found);
        return found;
    }

    /// <summary>The reason in words, such as "depends on random numbers of node 'drop' (Dropout, opset 13)".</summary>
    public static string Describe(OnnxNode cause) => $"depends on random or open values of {cause}";

    private static void Collect(GraphProto graph, IEnumerable<OnnxNode> nodes, ConstantOperands constants, Dictionary<string, OnnxNode> found)
    {
        // A body's names are its own: it may hide a tensor of the graph around it.
        foreach (string own in graph.Input.Select(i => i.Name).Concat(graph.Initializer.Select(t => t.Name)))
            found.Remove(own);
        foreach (OnnxNode node in nodes)
        {
            // Bodies are looked into one by one; a node with bodies reads only its inputs itself.
            OnnxNode? read = ShapeOnly.Contains(node.OpType) ? null
                : node.Inputs.Select(found.GetValueOrDefault).FirstOrDefault(cause => cause is not null);
            OnnxNode? inside = InBodies(node, constants, found);
            for (int i = 0; i < node.Outputs.Length; i++)
            {
                if (node.Outputs[i].Length == 0)
                    continue;
                if ((OperatorFacts.IsNondeterministic(node, i, constants) ? node : read ?? inside) is { } cause)
                    found[node.Outputs[i]] = cause;
                else
                    found.Remove(node.Outputs[i]);
            }
        }
    }

    // One open result of a body makes all results of its node open: a value that is carried from round to round reaches them all.
    private static OnnxNode? InBodies(OnnxNode node, ConstantOperands constants, Dictionary<string, OnnxNode> around)
    {
        foreach ((GraphProto body, IEnumerable<OnnxNode> nodes) in node.Bodies())
        {
            var found = new Dictionary<string, OnnxNode>(around);
            Collect(body, nodes, new ConstantOperands(body, node.ModelSource, constants), found);
            if (body.Output.Select(output => found.GetValueOrDefault(output.Name)).FirstOrDefault(cause => cause is not null) is { } cause)
                return cause;
        }

        return null;
    }
}
