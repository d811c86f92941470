using CnnOnnx.Onnx;

namespace CnnOnnx.Trainer.Operators;

/// <summary>Operators that only rearrange.</summary>
internal static class ShapeOperators
{
    public static Operator[] Rows { get; } =
    [
        new("Flatten", 1, Flatten),
    ];

    private static Kernel Flatten(OnnxNode node)
    {
        long axis = node.Int("axis", 1);
        return operands =>
        {
            long[] shape = operands[0].shape;
            long split = axis < 0 ? axis + shape.Length : axis;
            return [operands[0].reshape(shape.Take((int)split).Aggregate(1L, (a, b) => a * b), -1)];
        };
    }
}
