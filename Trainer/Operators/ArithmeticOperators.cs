namespace CnnOnnx.Trainer.Operators;

/// <summary>Elementwise mathematics, with broadcasting where there are two operands.</summary>
internal static class ArithmeticOperators
{
    public static Operator[] Rows { get; } =
    [
    ];
}
