using CnnOnnx.Onnx;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Operators;

/// <summary>Pools over windows and over whole maps.</summary>
internal static class PoolingOperators
{
    public static Operator[] Rows { get; } =
    [
        new("AveragePool", 1, AveragePool),
        new("MaxPool", 1, MaxPool),
    ];

    private static Kernel AveragePool(OnnxNode node)
    {
        long[] kernel = node.Ints("kernel_shape")!, strides = node.Ints("strides") ?? [1, 1];
        return operands => [nn.functional.avg_pool2d(operands[0], kernel, strides)];
    }

    private static Kernel MaxPool(OnnxNode node)
    {
        long[] kernel = node.Ints("kernel_shape")!, strides = node.Ints("strides") ?? [1, 1];
        return operands => [nn.functional.max_pool2d(operands[0], kernel, strides)];
    }
}
