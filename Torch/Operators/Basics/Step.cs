using CnnOnnx.Onnx;

namespace CnnOnnx.Torch.Operators;

/// <summary>A node ready to run: its kernel, where its operands lie, where its results go. Slot −1 is "left out".</summary>
internal sealed record Step(OnnxNode Node, Kernel Kernel, int[] Inputs, int[] Outputs)
{
    /// <summary>Slots that no later step reads.</summary>
    public required int[] Free { get; init; }

    /// <summary>For each input, whether it is an initializer.</summary>
    public required bool[] Initializers { get; init; }
}
