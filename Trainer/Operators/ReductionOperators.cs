namespace CnnOnnx.Trainer.Operators;

/// <summary>Reductions over axes.</summary>
internal static class ReductionOperators
{
    public static Operator[] Rows { get; } =
    [
    ];
}
