namespace CnnOnnx.Trainer.Operators;

/// <summary>Sorting, selecting and counting.</summary>
internal static class OrderingOperators
{
    public static Operator[] Rows { get; } =
    [
    ];
}
