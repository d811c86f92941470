namespace CnnOnnx.Onnx;

/// <summary>Finds the weights of a model that are worth a picture: what convolutions and matrix products multiply with.</summary>
public static class NetworkWeights
{
    /// <summary>
    /// The weights in the order in which the graph uses them, each once. Their values stay in the model's file until they are
    /// asked for.
    /// </summary>
    /// <exception cref="OnnxException">An attribute of a node is broken.</exception>
    public static IReadOnlyList<NetworkWeight> Of(OnnxModel model)
    {
        var found = new List<NetworkWeight>();
        var seen = new HashSet<OnnxTensor>();
        foreach (OnnxNode node in model.Graph.Nodes)
            foreach (WeightInput input in OperatorFacts.Of(node).Weights)
                if (input.InputsFirst is { } inputsFirst && input.Index < node.Inputs.Length
                    && WeightOrigin.Of(model.Graph, node.Inputs[input.Index]) is { IsDrawable: true } origin && seen.Add(origin.Tensor))
                    found.Add(new NetworkWeight(found.Count, origin, node, inputsFirst(node)));
        return found;
    }
}
