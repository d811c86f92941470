namespace CnnOnnx.Trainer.Operators;

/// <summary>Operators that old exporters wrote and the standard has dropped.</summary>
internal static class LegacyOperators
{
    public static Operator[] Rows { get; } =
    [
    ];
}
