using CnnOnnx.Onnx;
using static TorchSharp.torch.nn;

namespace CnnOnnx.Trainer.Operators;

/// <summary>Functions of one element at a time, and the softmax family.</summary>
internal static class ActivationOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Relu", 1, Relu),
    ];

    private static Kernel Relu(OnnxNode _) => operands => [functional.relu(operands[0])];
}
