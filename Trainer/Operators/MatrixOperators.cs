using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Operators;

/// <summary>Products of matrices.</summary>
internal static class MatrixOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Gemm", 1, Gemm) { Weights = [1, 2] },
    ];

    private static Kernel Gemm(OnnxNode node)
    {
        bool transposed = node.Int("transB", 0) != 0;
        return operands => [nn.functional.linear(operands[0], transposed ? operands[1] : operands[1].t(), operands.Optional(2))];
    }
}
