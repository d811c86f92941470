namespace CnnOnnx.Trainer.Operators;

/// <summary>Slice, Gather, Scatter and their kin.</summary>
internal static class IndexingOperators
{
    public static Operator[] Rows { get; } =
    [
    ];
}
