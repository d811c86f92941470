namespace CnnOnnx.Compare;

/// <summary>Kinds of evidence that two tensors of two models are the same place of the same network.</summary>
[Flags]
public enum PairingEvidence
{
    /// <summary>Nothing speaks for it.</summary>
    None = 0,

    /// <summary>The user said so.</summary>
    Given = 1,

    /// <summary>The tensors or their nodes have the same name, and the name is more than a running number.</summary>
    Name = 1 << 1,

    /// <summary>The weights are the same up to rounding, folding of a BatchNormalization or quantisation.</summary>
    Weights = 1 << 2,

    /// <summary>They are computed in the same way from tensors that are paired.</summary>
    Operands = 1 << 3,

    /// <summary>Layers that are paired read them at the same place.</summary>
    Users = 1 << 4,

    /// <summary>They stand at the same place in the best alignment of the two sequences of layers.</summary>
    Alignment = 1 << 5,

    /// <summary>Kernel, strides, pads and groups are the same.</summary>
    Attributes = 1 << 6,

    /// <summary>Among several that all else leaves equal they come in the same order.</summary>
    Order = 1 << 7,

    /// <summary>Their values are nearly the same.</summary>
    Values = 1 << 8,
}

/// <summary>Two tensors, one of each model, that should hold the same values.</summary>
/// <param name="A">Tensor of the first model.</param>
/// <param name="B">Tensor of the second model.</param>
/// <param name="Operator">Type of the node that makes the first; empty for an input of the graph.</param>
/// <param name="Node">Name of the node that makes the second; empty for an input of the graph.</param>
/// <param name="Evidence">Reasons for the pair.</param>
/// <param name="WeightDistance">
/// Estimate of ‖a − b‖ / max(‖a‖, ‖b‖) of the weights that make them, folded; null where there are none or their counts differ.
/// </param>
public sealed record TensorPair(
    string A, string B, string Operator, string Node, PairingEvidence Evidence, double? WeightDistance)
{
    // Chance that one kind of evidence alone is right. Judgement, not measurement; together they are taken as independent.
    private static readonly (PairingEvidence Kind, double Right)[] Strength =
    [
        (PairingEvidence.Given, 1), (PairingEvidence.Name, 0.95), (PairingEvidence.Weights, 0.99), (PairingEvidence.Operands, 0.9),
        (PairingEvidence.Users, 0.85), (PairingEvidence.Alignment, 0.6), (PairingEvidence.Attributes, 0.3), (PairingEvidence.Order, 0.4),
        (PairingEvidence.Values, 0.95),
    ];

    /// <summary>Name of the place for people: the node of the second model, or its tensor where the file gives the node no name.</summary>
    public string Place => Node.Length == 0 || Node.EndsWith("_" + B, StringComparison.Ordinal) ? B : Node;

    /// <summary>Confidence in the pair, 0 to 1: one minus the chance that all evidence is wrong together.</summary>
    public double Confidence => 1 - Strength.Where(s => Evidence.HasFlag(s.Kind)).Aggregate(1.0, (doubt, s) => doubt * (1 - s.Right));
}

/// <summary>A tensor without a partner.</summary>
/// <param name="Name">Its name.</param>
/// <param name="InA">True when it belongs to the first model.</param>
/// <param name="Reason">Why it has none, as the end of a sentence that begins with its name.</param>
public sealed record UnpairedTensor(string Name, bool InA, string Reason)
{
    /// <summary>
    /// True where it needs none: it is folded, another view or another name of a tensor that is compared, or a step of quantisation.
    /// </summary>
    public bool IsExplained { get; init; }
}
