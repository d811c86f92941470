using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// A row of the table: from version <paramref name="Since"/> of its domain on, until the next row of the same name,
/// nodes of this type become what <paramref name="Prepare"/> returns.
/// </summary>
internal sealed record Operator(string Type, int Since, Func<OnnxNode, OperatorFunction> Prepare)
{
    /// <summary>Empty for ai.onnx.</summary>
    public string Domain { get; init; } = "";

    /// <summary>Inputs whose initializers are weights: they are trained and carry the initializer's name.</summary>
    public int[] Weights { get; init; } = [];

    /// <summary>An initializer with fewer elements is a constant of the graph and no weight.</summary>
    public int SmallestWeight { get; init; } = 1;

    /// <summary>
    /// Further tensors that a node needs though it does not list them, such as what its bodies take from around them. They
    /// stand behind the node's inputs among its operands.
    /// </summary>
    public Func<OnnxNode, OnnxGraph, IEnumerable<string>> AlsoReads { get; init; } = (_, _) => [];

    /// <summary>Inputs whose initializers are running statistics: kept with the weights, not trained.</summary>
    public int[] Statistics { get; init; } = [];
}

/// <summary>
/// What a node does once its attributes are read. Returns fresh tensors, one for each output in order (trailing ones that
/// nobody asked for may be left out); never an operand itself, since operands are disposed after their last use.
/// </summary>
internal delegate Tensor[] OperatorFunction(Operands operands);
