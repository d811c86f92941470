using CnnOnnx.Onnx;

namespace CnnOnnx.Visualizer.Report;

/// <summary>Finds the node whose weights made a tensor's maps: behind its normalisation and activation, too.</summary>
internal static class WeightsBehind
{
    // Operators that keep their input's channels, each from the same one.
    private static readonly HashSet<string> ChannelByChannel =
    [
        "BatchNormalization", "InstanceNormalization", "Relu", "LeakyRelu", "PRelu", "Clip", "Elu", "Selu", "Celu", "Sigmoid",
        "HardSigmoid", "HardSwish", "Swish", "Mish", "Softplus", "Softsign", "Tanh", "Gelu", "Dropout", "Identity", "Cast",
    ];

    /// <summary>Gives, for each tensor behind a node with weights, the name of that node.</summary>
    public static IReadOnlyDictionary<string, string> Of(OnnxGraph graph)
    {
        var behind = new Dictionary<string, string>();
        foreach (OnnxNode node in graph.Nodes)
        {
            string? found = OperatorFacts.Of(node).Family is OperatorFamily.Convolution or OperatorFamily.Dense ? node.Name
                : ChannelByChannel.Contains(node.OpType) && node.Inputs.Length > 0 ? behind.GetValueOrDefault(node.Inputs[0])
                : null;
            if (found is not null && node.Outputs.Length > 0)
                behind[node.Outputs[0]] = found;
        }

        return behind;
    }
}
