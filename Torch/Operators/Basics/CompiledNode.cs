using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>A node ready to run: its function, where its operands lie, where its results go. Slot −1 is "left out".</summary>
internal sealed record CompiledNode(OnnxNode Node, OperatorFunction Function, int[] Inputs, int[] Outputs)
{
    /// <summary>Slots that no later node reads.</summary>
    public required int[] Free { get; init; }

    /// <summary>True for each input that is an initializer.</summary>
    public required bool[] Initializers { get; init; }

    /// <summary>Graphs inside the node, by the name of their attribute.</summary>
    public IReadOnlyDictionary<string, BodyFunction> Bodies { get; init; } = new Dictionary<string, BodyFunction>();
}

/// <summary>
/// Runs a graph inside a node once: on the arguments for its inputs, in order, which stay the caller's, and on what it takes
/// from around the node. Returns fresh tensors for its outputs.
/// </summary>
internal delegate Tensor[] BodyFunction(Operands operands, IReadOnlyList<Tensor> arguments);
