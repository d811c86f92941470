namespace CnnOnnx.Trainer.Operators;

/// <summary>Quantised tensors and the integer operators of quantised networks.</summary>
internal static class QuantizationOperators
{
    public static Operator[] Rows { get; } =
    [
    ];
}
