namespace CnnOnnx.Trainer.Operators;

/// <summary>Resize and Upsample.</summary>
internal static class ResizeOperators
{
    public static Operator[] Rows { get; } =
    [
    ];
}
