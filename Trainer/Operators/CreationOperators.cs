namespace CnnOnnx.Trainer.Operators;

/// <summary>Tensors out of nothing or out of a shape.</summary>
internal static class CreationOperators
{
    public static Operator[] Rows { get; } =
    [
    ];
}
