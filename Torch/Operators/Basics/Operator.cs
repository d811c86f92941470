using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// A row of the table: from version <paramref name="Since"/> of its domain on, until the next row of the same name,
/// nodes of this type become what <paramref name="Prepare"/> returns. What else is known about the operator, such as which of
/// its inputs are weights, says its row of <see cref="OperatorFacts"/>.
/// </summary>
internal sealed record Operator(string Type, int Since, Func<OnnxNode, OperatorFunction> Prepare)
{
    /// <summary>Empty for ai.onnx.</summary>
    public string Domain { get; init; } = "";

    /// <summary>
    /// Further tensors that a node needs though it does not list them, such as what its bodies take from around them. They
    /// stand behind the node's inputs among its operands.
    /// </summary>
    public Func<OnnxNode, OnnxGraph, IEnumerable<string>> AlsoReads { get; init; } = (_, _) => [];
}

/// <summary>
/// What a node does once its attributes are read. Returns fresh tensors, one for each output in order (trailing ones that
/// nobody asked for may be left out); never an operand itself, since operands are disposed after their last use.
/// </summary>
internal delegate Tensor[] OperatorFunction(Operands operands);
