namespace CnnOnnx.Trainer.Operators;

/// <summary>If, Loop and Scan.</summary>
internal static class ControlFlowOperators
{
    public static Operator[] Rows { get; } =
    [
    ];
}
