namespace CnnOnnx.Onnx;

/// <summary>Finds the weights of a model that are worth a picture: what convolutions and matrix products multiply with.</summary>
public static class NetworkWeights
{
    /// <summary>
    /// Finds the weights in the order in which the graph uses them, each once; calls of the model's local functions are looked into.
    /// Their values stay in the model's file until they are asked for.
    /// </summary>
    /// <param name="model">A model; it stays as it is.</param>
    /// <exception cref="OnnxException">An attribute of a node is broken.</exception>
    public static IReadOnlyList<NetworkWeight> Of(OnnxModel model)
    {
        OnnxGraph graph = model.Inlined.Graph;
        var found = new List<NetworkWeight>();
        var seen = new HashSet<string>();
        foreach (OnnxNode node in graph.Nodes)
            foreach (WeightInput input in OperatorFacts.Of(node).Weights)
                if (input.InputsFirst is { } inputsFirst && input.Index < node.Inputs.Length
                    && ConstantExpression.Of(graph, node.Inputs[input.Index]) is { HasData: true, Shape: { Rank: >= 2, Count: > 0 } } weight
                    && seen.Add(weight.Moved is null ? node.Inputs[input.Index] : weight.Sources[0].Name))
                    found.Add(new NetworkWeight(found.Count, weight, node, inputsFirst(node)));
        return found;
    }
}
