namespace CnnOnnx.Trainer.Operators;

/// <summary>Comparisons, logic and bits, with broadcasting.</summary>
internal static class LogicOperators
{
    public static Operator[] Rows { get; } =
    [
    ];
}
