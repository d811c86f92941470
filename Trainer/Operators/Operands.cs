using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Operators;

/// <summary>The tensors that one execution of a node gets.</summary>
internal readonly struct Operands(OnnxNode node, Tensor?[] tensors, Execution execution)
{
    /// <summary>An input that the operator cannot do without.</summary>
    public Tensor this[int index] => Optional(index)
        ?? throw new OnnxException(node, $"input {index} is left out, but the operator needs it");

    public int Count => tensors.Length;

    public Execution Execution => execution;

    /// <summary>An input, or null where the node leaves it out.</summary>
    public Tensor? Optional(int index) => index < tensors.Length ? tensors[index] : null;
}
