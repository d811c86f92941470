namespace CnnOnnx.Trainer.Operators;

/// <summary>Dropout and the random generators.</summary>
internal static class RandomOperators
{
    public static Operator[] Rows { get; } =
    [
    ];
}
